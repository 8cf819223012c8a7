import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { buildConstants } from './resources/setup/build-constants.mjs';
import { threadText } from './resources/setup/thread-text.mjs';

const nativePackages = ['usb', 'serialport', 'ssh2', '@photostructure/sqlite'];

/** The command line: one ES module and its lazily loaded chunks; native packages stay in node_modules. */
export default defineConfig({
  publicDir: false,
  plugins: [
    threadText(),
    {
      name: 'canopus:executable',
      writeBundle: ({ dir = 'out/cli' }) => chmodSync(join(dir, 'canopus.js'), 0o755),
    },
  ],
  define: buildConstants(),
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'out/cli',
    license: { fileName: 'LICENSE.md' },
    emptyOutDir: true,
    rolldownOptions: {
      input: { canopus: 'main/hosts/cli.ts' },
      external: nativePackages,
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
  ssr: { noExternal: true, external: nativePackages },
});
