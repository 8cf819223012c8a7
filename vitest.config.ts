import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import { threadText } from './resources/setup/thread-text.mjs';
import { neutralizeEnvironment } from './test/environment.mjs';

neutralizeEnvironment();

/**
 * `app` and `main` need Node only; the files of `app` share a worker, because nothing in them keeps a state. `renderer` renders components in jsdom. `system` starts real programs on this machine
 * (sshd, compilers, a browser) and `kernel` boots a Linux kernel in QEMU; both need packages that
 * resources/setup.mjs installs.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'app',
          include: ['test/app/**/*.test.ts'],
          setupFiles: ['test/fixed-seed.ts'],
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        plugins: [threadText()],
        test: {
          name: 'main',
          include: ['test/main/**/*.test.ts'],
          setupFiles: ['test/fixed-seed.ts'],
          expect: { poll: { timeout: 30_000 } },
          testTimeout: 60_000,
        },
      },
      {
        plugins: [svelte({ configFile: false }), svelteTesting()],
        test: {
          name: 'renderer',
          include: ['test/renderer/**/*.test.ts'],
          setupFiles: ['test/fixed-seed.ts', 'test/renderer/setup.ts'],
          environment: 'jsdom',
          expect: { poll: { timeout: 10_000 } },
          testTimeout: 30_000,
        },
      },
      {
        plugins: [threadText()],
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          setupFiles: ['test/fixed-seed.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [threadText()],
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          globalSetup: ['test/kernel/setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
