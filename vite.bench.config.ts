import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig } from 'vite';

const external = ['usb', 'serialport', 'ssh2'];
const scripts = readdirSync('test/bench').filter((name) => name.endsWith('.bench.ts'));

/** `npm run bench`: every test/bench/*.bench.ts as one program in out/bench. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'out/bench',
    emptyOutDir: true,
    rollupOptions: {
      input: Object.fromEntries(scripts.map((name) => [basename(name, '.ts'), `test/bench/${name}`])),
      external,
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
  ssr: { noExternal: true, external },
});
