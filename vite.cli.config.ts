import { defineConfig } from 'vite';

/** The command line: one ES module and its lazily loaded chunks; native packages stay in node_modules. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'out/cli',
    emptyOutDir: true,
    rollupOptions: {
      input: { canopus: 'main/hosts/cli.ts' },
      external: ['usb', 'serialport', 'ssh2'],
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
  ssr: { noExternal: true, external: ['usb', 'serialport', 'ssh2'] },
});
