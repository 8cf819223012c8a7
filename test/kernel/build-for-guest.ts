import path from 'node:path';
import { build } from 'vite';

const root = path.join(import.meta.dirname, '../..');
const scriptsDir = path.join(root, '.cache/kernel/scripts');
const cliDir = path.join(root, '.cache/kernel/cli');

/** Where the guest finds what is built here: its `start.sh` mounts this checkout at /srv/canopus. */
export const guestPrograms = {
  deviceServer: '/srv/canopus/.cache/kernel/scripts/device-server.mjs',
  canopus: '/srv/canopus/.cache/kernel/cli/canopus.js',
} as const;

/** Builds the tests' own programs for the node that runs in the guest. */
export async function buildForGuest(): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      ssr: true,
      target: 'node20',
      outDir: scriptsDir,
      emptyOutDir: true,
      rolldownOptions: {
        input: { 'device-server': path.join(import.meta.dirname, 'in-guest/device-server.ts') },
        external: ['usb', 'serialport'],
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  });
}

/** Builds our command line as it is shipped, from the current sources. */
export async function buildCommandLine(): Promise<void> {
  await build({
    root,
    configFile: path.join(root, 'vite.cli.config.ts'),
    logLevel: 'warn',
    build: { outDir: cliDir, emptyOutDir: true },
  });
}
