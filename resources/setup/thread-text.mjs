import { build } from 'vite';

const suffix = '?thread';

/** @type {Map<string, Promise<{ text: string, files: readonly string[] }>>} */
const made = new Map();

/**
 * One script without imports of its own, from a file and all that it imports.
 *
 * @param {string} file
 */
async function bundle(file) {
  const result = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    // Node's variables are read when the thread runs, not when it is bundled.
    envDir: false,
    build: {
      ssr: file,
      target: 'node20',
      write: false,
      rolldownOptions: { output: { format: 'cjs', codeSplitting: false } },
    },
    ssr: { noExternal: true },
  });
  if (!('output' in result) || result.output.length !== 1)
    throw new Error(`${file} does not bundle to one script`);
  const [chunk] = result.output;
  return { text: chunk.code, files: chunk.moduleIds };
}

/**
 * `import text from './thread.ts?thread'`: the whole program of a worker thread as text. Text needs no file that the
 * thread would have to find: in a checkout, in tests, in a bundle and inside an asar archive it is the same.
 *
 * @returns {import('vite').Plugin}
 */
export function threadText() {
  return {
    name: 'canopus:thread-text',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(suffix)) return null;
      const file = id.slice(0, -suffix.length);
      const known = this.meta.watchMode ? undefined : made.get(file);
      const work = known ?? bundle(file);
      made.set(file, work);
      const { text, files } = await work;
      for (const source of files) if (source.startsWith('/')) this.addWatchFile(source);
      return { code: `export default ${JSON.stringify(text)};`, map: null };
    },
  };
}
