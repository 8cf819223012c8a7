import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'electron-vite';
import { buildConstants } from './resources/setup/build-constants.mjs';
import { threadText } from './resources/setup/thread-text.mjs';

/** What was bundled, for the notices of a package (resources/setup/components.mjs). */
const license = { fileName: 'licences.json' };

/**
 * The desktop: Electron's main process, the preload script and the renderer. The renderer is also what the headless
 * host serves. Packages that are bundled are devDependencies; what stays outside (native modules) are dependencies.
 */
export default defineConfig({
  main: {
    plugins: [threadText()],
    // Only the synchronous half is used. Its build for Node declares a `require`, and so does electron-vite for it.
    resolve: { alias: { fflate: 'fflate/browser' } },
    define: buildConstants(),
    build: {
      outDir: 'out/main',
      license,
      target: 'node20',
      rolldownOptions: {
        input: { electron: 'main/hosts/electron.ts' },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: {
        input: { preload: 'main/hosts/preload.ts' },
        // A sandboxed preload script is CommonJS without imports of its own.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [svelte({ configFile: false }), tailwindcss()],
    build: {
      outDir: 'out/renderer',
      license,
      minify: true,
      // Browsers of the last two years (light-dark() needs them); Electron's Chromium is newer.
      target: 'es2022',
      cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
      modulePreload: { polyfill: false },
      // Nothing inline: the content security policy would have to allow it.
      assetsInlineLimit: 0,
      rolldownOptions: { input: 'renderer/index.html' },
    },
  },
});
