import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createNetServer } from 'node:net';
import { createInterface } from 'node:readline';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { build, createServer } from 'vite';
import { projectRoot } from './processes.mjs';

/**
 * A free port of this computer. The station keeps it over its restarts, so that the page finds it again.
 *
 * @returns {Promise<number>}
 */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createNetServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** The station, started anew whenever it was built; `onLine` gets each line that it prints. */
class StationProcess {
  #args;
  #onLine;
  /** @type {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, null> | null} */
  #child = null;

  /**
   * @param {readonly string[]} args
   * @param {(line: string) => void} onLine
   */
  constructor(args, onLine) {
    this.#args = args;
    this.#onLine = onLine;
  }

  async restart() {
    await this.stop();
    const child = spawn(process.execPath, ['out/cli/canopus.js', ...this.#args], {
      cwd: projectRoot,
      stdio: ['inherit', 'pipe', 'inherit'],
      windowsHide: true,
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', this.#onLine);
  }

  /** Resolves when the station has ended: it lets boards go at a safe point first. */
  async stop() {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  }
}

/**
 * Builds the station on every change of app/ or main/, and has it started when a build is whole.
 *
 * @param {StationProcess} station
 */
async function watchStation(station) {
  const watcher = await build({
    configFile: 'vite.cli.config.ts',
    logLevel: 'warn',
    build: { watch: {}, emptyOutDir: false },
  });
  if (!('on' in watcher)) throw new Error('Vite does not watch.');
  watcher.on('event', (event) => {
    if (event.code === 'ERROR') console.error(event.error.message);
    if (event.code === 'END') void station.restart();
  });
  return watcher;
}

/**
 * `npm run dev`: the window with hot reload, served by Vite, in front of a station that is built and started anew
 * when a file of app/ or main/ changes. Everything that is not a source of the page goes to the station.
 *
 * @param {readonly string[]} args
 */
export async function runDev(args) {
  const port = await freePort();
  const target = `http://127.0.0.1:${port}`;
  const pages = await createServer({
    configFile: false,
    root: 'renderer',
    plugins: [svelte({ configFile: false }), tailwindcss()],
    server: {
      host: '127.0.0.1',
      proxy: {
        '/enter': { target, changeOrigin: true },
        // The station serves only windows from its own address: here Vite stands in for the page.
        '/contract': { target, changeOrigin: true, ws: true, headers: { origin: target } },
      },
    },
  });
  await pages.listen();
  const page = pages.resolvedUrls?.local[0] ?? '';
  const bench = args.length > 0 ? args : ['--sim', 'resources/benches/three-boards.json'];
  const station = new StationProcess(
    ['serve', '--json', '--listen', `127.0.0.1:${port}`, ...bench],
    (line) => {
      const link = /"url":"[^"]*\/(enter\/[^"]+)"/.exec(line)?.[1];
      console.log(link === undefined ? line : `Open ${page}${link}`);
    },
  );
  const watcher = await watchStation(station);
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await watcher.close();
  await station.stop();
  await pages.close();
  return 0;
}
