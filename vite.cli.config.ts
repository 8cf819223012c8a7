import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { threadText } from './resources/setup/thread-text.mjs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

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
  define: { __CANOPUS_VERSION__: JSON.stringify(version) },
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
