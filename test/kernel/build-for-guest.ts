import path from 'node:path';
import { build } from 'vite';
import { guestShareDir } from './guest/client.ts';

const root = path.join(import.meta.dirname, '../..');

/** Where the guest finds what `buildForGuest` made. */
export const guestPrograms = {
  deviceServer: `${guestShareDir}/programs/device-server.mjs`,
  canopus: `${guestShareDir}/cli/canopus.js`,
} as const;

/**
 * Builds our command line as it is shipped and the tests' own programs, from the sources as they are now, into the
 * folder that this run shares with its guest: two runs at once do not meet. Packages are found beside it, where the
 * guest's `start.sh` links them to.
 */
export async function buildForGuest(shareDir: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      ssr: true,
      target: 'node20',
      outDir: path.join(shareDir, 'programs'),
      rolldownOptions: {
        input: { 'device-server': path.join(import.meta.dirname, 'in-guest/device-server.ts') },
        external: ['usb', 'serialport'],
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  });
  await build({
    root,
    configFile: path.join(root, 'vite.cli.config.ts'),
    logLevel: 'warn',
    build: { outDir: path.join(shareDir, 'cli'), emptyOutDir: false },
  });
}
