import { resolve } from 'node:path';
import { createServer, createServerModuleRunner } from 'vite';
import { threadText } from './thread-text.mjs';

/**
 * Runs one TypeScript program of the tests as it stands, without a build: `node run-script.mjs FILE [arguments]`.
 * The program sees its own arguments in process.argv, and its own place in import.meta.
 */
const [file = ''] = process.argv.splice(2, 1);
const server = await createServer({
  configFile: false,
  logLevel: 'error',
  plugins: [threadText()],
  oxc: { target: 'node20' },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true, include: [] },
});
const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
try {
  await runner.import(resolve(file));
} finally {
  await runner.close();
  await server.close();
}
