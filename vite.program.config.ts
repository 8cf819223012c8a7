import { defineConfig, type Plugin } from 'vite';
import { buildConstants } from './resources/setup/build-constants.mjs';
import { threadText } from './resources/setup/thread-text.mjs';

/**
 * The command line as one CommonJS script, which resources/setup/program.mjs puts into Node's own program. There is
 * no node_modules beside that: everything is bundled, and native modules are loaded from where the package has them.
 */
export default defineConfig({
  publicDir: false,
  plugins: [threadText(), nativeModules()],
  define: buildConstants(),
  build: {
    ssr: true,
    target: 'node22',
    outDir: 'out/program',
    license: { fileName: 'licences.json' },
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: { canopus: 'main/hosts/program.ts' },
      external: ['cpu-features'],
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
  ssr: { noExternal: true, external: ['cpu-features'] },
});

/**
 * Packages ask node-gyp-build for the module of their own folder, which they do not have here. Each gets a loader of its
 * own instead, by the name of the package that asks.
 */
function nativeModules(): Plugin {
  const marked = '\0native:';
  return {
    name: 'canopus:native-modules',
    enforce: 'pre',
    resolveId(id, importer) {
      if (id !== 'node-gyp-build' || importer === undefined) return null;
      const owner = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(
        importer.replaceAll('\\', '/'),
      )?.[1];
      return owner === undefined ? null : `${marked}${owner}`;
    },
    load(id) {
      if (!id.startsWith(marked)) return null;
      const loader = JSON.stringify(`${process.cwd().replaceAll('\\', '/')}/main/hosts/native-module.ts`);
      const owner = JSON.stringify(id.slice(marked.length));
      return `import { loadNative } from ${loader};\nexport default () => loadNative(${owner});\n`;
    },
  };
}
