import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const programs = fileURLToPath(new URL('programs/', import.meta.url));

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'canopus-electron-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('the built main process', () => {
  it('does not wait for Electron while Electron waits for it, and opens its window on the renderer', async () => {
    const entry = join(root, 'out', 'main', 'electron.js');
    const bench = join(root, 'resources', 'benches', 'three-boards.json');
    const { stdout } = await run(
      process.execPath,
      [join(programs, 'start-main.mjs'), entry, join(programs, 'electron-stand-in.mjs'), '--sim', bench],
      {
        env: { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home, XDG_STATE_HOME: home },
      },
    );
    const told = JSON.parse(stdout) as {
      beforeReady: string[];
      url: string;
      webPreferences: Record<string, unknown> & { preload: string };
      policy: string;
      page: string;
    };
    expect(told.beforeReady).toEqual(['enableSandbox', 'scheme']);
    expect(told.url).toBe('canopus://app/');
    expect(told.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
    });
    expect(existsSync(told.webPreferences.preload)).toBe(true);
    expect(told.policy).toContain("default-src 'none'");
    expect(told.page).toContain('<div id="app">');
  });
});

describe('the built preload script', () => {
  /** Runs it as a sandboxed preload script is run: with `require` for `electron` alone. */
  async function preload(): Promise<{
    ask: (source: unknown, data: unknown) => void;
    page: Record<string, unknown>;
    toMain: { channel: string; ports: unknown[] }[];
    toPage: { data: unknown; origin: string; ports: unknown[] }[];
  }> {
    const code = await readFile(join(root, 'out', 'preload', 'preload.cjs'), 'utf8');
    const toMain: { channel: string; ports: unknown[] }[] = [];
    const toPage: { data: unknown; origin: string; ports: unknown[] }[] = [];
    let listener: (event: { source: unknown; data: unknown }) => void = () => undefined;
    const page: Record<string, unknown> = {
      addEventListener: (_: string, added: typeof listener) => (listener = added),
      postMessage: (data: unknown, origin: string, ports: unknown[]) => toPage.push({ data, origin, ports }),
    };
    const electron = {
      ipcRenderer: {
        postMessage: (channel: string, _: unknown, ports: unknown[]) => toMain.push({ channel, ports }),
      },
    };
    const require = (name: string): unknown => {
      if (name === 'electron') return electron;
      throw new Error(`a sandboxed preload script cannot load ${name}`);
    };
    runInNewContext(code, {
      require,
      window: page,
      location: { origin: 'canopus://app' },
      MessageChannel,
      module: {},
      exports: {},
    });
    return { ask: (source, data) => listener({ source, data }), page, toMain, toPage };
  }

  it('hands one port to the page and its other end to the main process, and nothing else', async () => {
    const { ask, page, toMain, toPage } = await preload();
    const before = Object.keys(page);
    ask(page, 'canopus:port?');
    expect(toMain).toEqual([{ channel: 'canopus:port', ports: [expect.anything()] }]);
    expect(toPage).toEqual([{ data: 'canopus:port', origin: 'canopus://app', ports: [expect.anything()] }]);
    expect(toPage[0]!.ports[0]).not.toBe(toMain[0]!.ports[0]);
    expect(Object.keys(page)).toEqual(before);
    for (const { ports } of [...toMain, ...toPage]) for (const port of ports) (port as MessagePort).close();
  });

  it('serves only its own page', async () => {
    const { ask, page, toMain } = await preload();
    ask({}, 'canopus:port?');
    ask(page, 'something else');
    expect(toMain).toEqual([]);
  });
});
