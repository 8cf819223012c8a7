import { once } from 'node:events';
import { usbPlace } from '../../../../app/place.ts';
import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MenuItemConstructorOptions } from 'electron';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContractClient } from '../../../../app/contract/client.ts';
import { stationContract, type StationClient } from '../../../../app/contract/station-contract.ts';
import { runDesktop } from '../../../../main/hosts/electron/desktop.ts';
import type { RendererFiles } from '../../../../main/hosts/renderer-files.ts';
import { serveHeadless } from '../../../../main/hosts/headless.ts';
import { showRunning } from '../../../../main/hosts/show-running.ts';
import { systemClock } from '../../../../main/system-clock.ts';
import { openStation } from '../../../../main/station.ts';
import { openSharedStation } from '../../../../main/station/open-shared-station.ts';
import { dataFolders } from '../../../../main/station/data-folders.ts';
import { codeOfRejection } from '../../../error-code.ts';
import { ElectronStandIn } from './electron-stand-in.ts';

const files: RendererFiles = new Map([
  [
    '/index.html',
    { bytes: new TextEncoder().encode('<p>'), contentType: 'text/html; charset=utf-8', immutable: false },
  ],
]);
const bench = {
  timeScale: 0.3,
  boards: [{ id: 'board', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', boot0: true }],
};

let folder: string;
let electron: ElectronStandIn;
let logged: string[];
let clients: StationClient[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-desktop-'));
  await writeFile(join(folder, 'bench.json'), JSON.stringify(bench));
  electron = new ElectronStandIn();
  logged = [];
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.close();
  electron.answer = 1;
  electron.app.quit();
  await electron.happened.until(() => electron.quits > 0);
  await rm(folder, { recursive: true, force: true });
});

async function start(
  more: Partial<Parameters<typeof runDesktop>[1]> = {},
  sim: string | undefined = join(folder, 'bench.json'),
): Promise<void> {
  const write = (fields: object, message: string): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  await runDesktop(electron, {
    folders: dataFolders(folder),
    log: { info: write, warn: write, error: write, file: join(folder, 'canopus.log') },
    preloadPath: '/app/out/preload/preload.cjs',
    platform: 'linux',
    sim,
    loadFiles: () => Promise.resolve(files),
    ...more,
  });
}

/** The page's client; another one is the page loaded anew. */
function client(): StationClient {
  for (const before of clients.splice(0)) before.close();
  const made = new ContractClient(stationContract, {
    clock: systemClock,
    connect: () => Promise.resolve(electron.connect().link),
  });
  clients.push(made);
  return made;
}

/** A write that takes a while, on the virtual board. */
async function startWrite(station: StationClient): Promise<string> {
  const board = { presetId: 'btt-octopus', variantId: 'f446' };
  const images = await station.call('images.sample', board);
  const order = { place: usbPlace('1-1'), board, images, confirmReadUnprotect: false };
  return (await station.call('flash.start', order)).jobId;
}

describe('the window', () => {
  it('runs its page in a sandbox, without Node, apart from the preload script', async () => {
    await start();
    expect(electron.sandboxed).toBe(true);
    expect(electron.window.options.webPreferences).toMatchObject({
      preload: '/app/out/preload/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    });
    expect(electron.window.webContents.url).toBe('canopus://app/');
    expect(electron.window.calls).toEqual(['show']);
  });

  it('opens where it was closed, as large as it was', async () => {
    await start();
    electron.window.bounds = { x: 100, y: 50, width: 800, height: 600 };
    electron.window.maximized = true;
    electron.window.close();
    await electron.happened.until(() => electron.quits > 0);
    electron = new ElectronStandIn();
    await start();
    expect(electron.window.options).toMatchObject({ x: 100, y: 50, width: 800, height: 600 });
    expect(electron.window.maximized).toBe(true);
  });

  it('opens at its usual size where the screen it was on is gone', async () => {
    await start();
    electron.window.bounds = { x: 3000, y: 50, width: 800, height: 600 };
    electron.window.close();
    await electron.happened.until(() => electron.quits > 0);
    electron = new ElectronStandIn();
    await start();
    expect(electron.window.options).toMatchObject({ width: 1280, height: 800 });
    expect(electron.window.options.x).toBeUndefined();
  });

  it('comes to the front when the program is started again', async () => {
    await start();
    electron.window.minimized = true;
    electron.startAgain();
    expect(electron.windows).toHaveLength(1);
    expect(electron.window.calls).toContain('focus');
    expect(electron.window.minimized).toBe(false);
  });

  it('is not opened by a second instance', async () => {
    electron.hasLock = false;
    await start();
    expect(electron.windows).toHaveLength(0);
    expect(electron.quits).toBe(1);
  });

  it('opens once the command that has the data folder has ended, and says so meanwhile', async () => {
    const command = await openSharedStation({
      openStation: () => openStation({ sim: join(folder, 'bench.json') }),
      ...{ folders: dataFolders(folder), log: () => 'log', host: 'cli', sim: undefined, waitMs: 0 },
      command: 'canopus flash',
    });
    await command.share(() => ({ close: () => undefined }));
    const starting = start();
    await electron.happened.until(() => electron.messages.length > 0);
    expect(electron.messages).toEqual(['A command works with the same data folder']);
    expect(electron.windows).toEqual([]);
    await command[Symbol.asyncDispose]();
    await command.station[Symbol.asyncDispose]();
    await starting;
    expect(electron.windows).toHaveLength(1);
    expect(electron.errors).toEqual([]);
  });

  it('says in words why the station could not be opened, and exits', async () => {
    await start({}, join(folder, 'nothing.json'));
    expect(electron.errors[0]).toContain('nothing.json');
    expect(electron.exitCode).toBe(1);
  });
});

describe('a page', () => {
  it('gets nothing but the files of the renderer, under a policy', async () => {
    await start();
    const page = await electron.fetch('canopus://app/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const url of [
      'canopus://app/../package.json',
      'canopus://app/%2e%2e/x',
      'canopus://other/',
      'canopus://app/x.js',
    ]) {
      expect((await electron.fetch(url)).status).toBe(404);
    }
    expect((await electron.fetch('canopus://app/', 'POST')).status).toBe(404);
  });

  it('stays where it is: no navigation, no windows, no webviews, no downloads', async () => {
    await start();
    for (const contents of [electron.window.webContents, electron.newContents()]) {
      expect(contents.prevents('will-navigate')).toBe(true);
      expect(contents.prevents('will-frame-navigate')).toBe(true);
      expect(contents.prevents('will-redirect')).toBe(true);
      expect(contents.prevents('will-attach-webview')).toBe(true);
    }
    expect(electron.newContents().openHandler?.()).toEqual({ action: 'deny' });
    expect(electron.preventsDownload()).toBe(true);
  });

  it.each([
    'https://example.com/',
    'http://127.0.0.1:80/',
    'file:///etc/passwd',
    'ws://127.0.0.1/',
    'canopus://other/',
  ])('cannot load %s', async (url) => {
    await start();
    expect(electron.isRequestCancelled(url)).toBe(true);
    expect(electron.isRequestCancelled('canopus://app/assets/a.js')).toBe(false);
  });

  it.each([
    'media',
    'geolocation',
    'notifications',
    'usb',
    'serial',
    'hid',
    'openExternal',
    'clipboard-read',
    'fileSystem',
  ])('is not granted %s', async (permission) => {
    await start();
    expect(electron.isGranted(permission)).toBe(false);
    expect(electron.isGranted('clipboard-sanitized-write')).toBe(true);
    expect(electron.deviceHandler?.()).toBe(false);
  });

  it('is not served over a port from a foreign page, a frame inside it or another window', async () => {
    await start();
    const foreign = [
      { url: 'https://evil.example/' },
      { url: 'file:///x' },
      { isSubframe: true },
      { contentsId: 99 },
    ];
    for (const from of foreign) await electron.connect(from).closed;
    expect(logged.filter((line) => line.includes('foreign page'))).toHaveLength(foreign.length);
  });
});

describe('the station behind the window', () => {
  it('replies over the port from the page', async () => {
    await start();
    const info = await client().call('app.info', null);
    expect(info).toMatchObject({ host: 'electron', simulated: true, features: ['choose-folder'] });
  });

  it('drops the port of a page that was loaded anew', async () => {
    await start();
    const first = electron.connect();
    first.link.open({ text: () => undefined, closed: () => undefined });
    await client().call('app.info', null);
    await first.closed;
  });

  it('lets the person choose a folder', async () => {
    await start();
    const station = client();
    expect(await station.call('host.chooseFolder', null)).toBeNull();
    electron.folder = '/home/me/klipper';
    expect(await station.call('host.chooseFolder', null)).toBe('/home/me/klipper');
  });

  it('saves what the page made into a folder that the person chooses, beside what is there', async () => {
    await start();
    const station = client();
    const order = { name: 'canopus-labels.pdf', base64: Buffer.from('%PDF').toString('base64') };
    expect(await station.call('host.saveFile', order)).toBeNull();
    electron.folder = await mkdtemp(join(tmpdir(), 'canopus-save-'));
    await station.call('host.saveFile', order);
    expect(await station.call('host.saveFile', order)).toEqual({
      path: join(electron.folder, 'canopus-labels-2.pdf'),
    });
    expect(await readFile(join(electron.folder, 'canopus-labels.pdf'), 'utf8')).toBe('%PDF');
    for (const name of ['../evil.json', 'evil.exe', '/etc/evil.json'])
      expect(await codeOfRejection(station.call('host.saveFile', { ...order, name }))).toBe(
        'contract/invalid-input',
      );
    await rm(electron.folder, { recursive: true });
  });

  it('hears of the menu', async () => {
    await start();
    const events = client().stream('host.events', null);
    const next = events.next();
    const submenu = electron.menu.flatMap(({ submenu: items }) => (Array.isArray(items) ? items : []));
    const item = submenu.find(({ accelerator }: MenuItemConstructorOptions) => accelerator === 'CmdOrCtrl+1');
    const click = item?.click as (() => void) | undefined;
    // The stream may not have arrived yet: the menu is clicked until it is heard.
    const clicking = setInterval(() => click?.(), 5);
    expect((await next).value).toEqual({ type: 'go', page: 'bench' });
    clearInterval(clicking);
  });

  it('goes on when the page crashes; the page is loaded again, once', async () => {
    await start();
    const station = client();
    const jobId = await startWrite(station);
    electron.window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    electron.window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    expect(electron.window.webContents.calls).toEqual(['reload']);
    expect(electron.messages).toEqual(['The window crashed twice']);
    expect(logged.some((line) => line.includes('crashed'))).toBe(true);
    const again = client();
    for await (const { event } of again.stream('jobs.watch', { jobId })) {
      if (event.type === 'ask') break;
    }
  });

  it('shows progress on the taskbar, and calls for a person when the window is in the background', async () => {
    await start();
    await startWrite(client());
    await electron.happened.until(() => electron.notices.length === 1);
    expect(electron.notices[0]).toMatchObject({ title: 'Take the BOOT0 jumper off' });
    expect(electron.window.calls).toContain('flash');
    expect(Math.max(...electron.window.progress)).toBeGreaterThan(0.5);
    electron.window.minimized = true;
    electron.notices[0]!.click();
    expect(electron.window.minimized).toBe(false);
  });

  it('keeps the computer awake as long as it works', async () => {
    await start();
    const station = client();
    const jobId = await startWrite(station);
    for await (const { event } of station.stream('jobs.watch', { jobId })) if (event.type === 'ask') break;
    expect(electron.awake).toBe(1);
    await station.call('jobs.cancel', { jobId });
    await electron.happened.until(() => electron.awake === 0);
  });

  it('does not notify a person who switched that off', async () => {
    await start();
    const station = client();
    await station.call('settings.set', { showNotifications: false });
    const jobId = await startWrite(station);
    for await (const { event } of station.stream('jobs.watch', { jobId })) if (event.type === 'ask') break;
    expect(electron.notices).toHaveLength(0);
  });

  it('has its title bar and dialogs in the colours of the page', async () => {
    await start();
    expect(electron.nativeTheme.themeSource).toBe('system');
    await client().call('settings.set', { theme: 'dark' });
    expect(electron.nativeTheme.themeSource).toBe('dark');
  });

  it('does not call when the person is looking', async () => {
    await start();
    electron.window.focused = true;
    const station = client();
    const jobId = await startWrite(station);
    for await (const { event } of station.stream('jobs.watch', { jobId })) if (event.type === 'ask') break;
    expect(electron.notices).toHaveLength(0);
  });
});

describe('a newer version', () => {
  const phases = async (station: StationClient, until: string): Promise<string[]> => {
    const seen: string[] = [];
    for await (const { phase } of station.stream('updates.watch', null)) {
      seen.push(phase);
      if (phase === until) break;
    }
    return seen;
  };

  it('is not looked for in a package that has no place to get one from', async () => {
    await start();
    expect(await phases(client(), 'unavailable')).toEqual(['unavailable']);
  });

  it('is not checked for unless the person wants it', async () => {
    electron.hasUpdates = true;
    electron.updater.released = '0.2.0';
    await start();
    const station = client();
    await station.call('updates.check', null);
    expect(await phases(station, 'off')).toEqual(['off']);
    expect(electron.updater.downloads).toBe(0);
  });

  it('is downloaded when the person switches that on, and installed on request', async () => {
    electron.hasUpdates = true;
    electron.updater.released = '0.2.0';
    await start();
    const station = client();
    await expect(station.call('updates.install', null)).rejects.toMatchObject({ code: 'usage/invalid' });
    await station.call('settings.set', { checkForUpdates: true });
    await phases(station, 'ready');
    expect(electron.updater.downloads).toBe(1);
    const { started } = electron.updater;
    void station.call('updates.install', null).catch(() => undefined);
    expect(await started).toEqual(['/cache/new.AppImage']);
    await electron.happened.until(() => electron.quits > 0);
    expect(electron.messages).toEqual([]);
  });

  it('that the system installs is opened, and the window stays', async () => {
    electron.hasUpdates = true;
    electron.updater.released = '0.2.0';
    electron.updater.way = 'open';
    await start();
    const station = client();
    await station.call('settings.set', { checkForUpdates: true });
    await phases(station, 'ready');
    const { started } = electron.updater;
    await station.call('updates.install', null);
    await started;
    expect((await station.call('app.info', null)).host).toBe('electron');
    expect(electron.quits).toBe(0);
  });

  it('that was changed on the disk is not started, and nothing ends', async () => {
    electron.hasUpdates = true;
    electron.updater.released = '0.2.0';
    electron.updater.damaged = true;
    await start();
    const station = client();
    await station.call('settings.set', { checkForUpdates: true });
    await phases(station, 'ready');
    await expect(station.call('updates.install', null)).rejects.toMatchObject({ code: 'update/damaged' });
    expect((await station.call('app.info', null)).host).toBe('electron');
  });

  it('is not downloaded any further when work begins, and again after it', async () => {
    electron.hasUpdates = true;
    electron.updater.released = '0.2.0';
    const half = once(electron.updater, 'half');
    let go = (): void => undefined;
    electron.updater.halfway = new Promise((resolve) => (go = resolve));
    await start();
    const station = client();
    await station.call('settings.set', { checkForUpdates: true });
    await half;
    const jobId = await startWrite(station);
    go();
    await phases(station, 'waiting');
    expect(electron.updater.downloads).toBe(1);
    await station.call('jobs.cancel', { jobId });
    await phases(station, 'ready');
    expect(electron.updater.downloads).toBe(2);
  });

  it('waits for the end of the work to be fetched, and is not put in place meanwhile', async () => {
    electron.hasUpdates = true;
    electron.updater.released = '0.2.0';
    await start();
    const station = client();
    const jobId = await startWrite(station);
    await station.call('settings.set', { checkForUpdates: true });
    await phases(station, 'waiting');
    await expect(station.call('updates.install', null)).rejects.toMatchObject({ code: 'host/work-running' });
    expect(electron.updater.downloads).toBe(0);
    await station.call('jobs.cancel', { jobId });
    await phases(station, 'ready');
  });

  it('whose check fails is reported, and the app continues', async () => {
    electron.hasUpdates = true;
    electron.updater.released = new Error('net::ERR_NAME_NOT_RESOLVED');
    await start();
    const station = client();
    await station.call('settings.set', { checkForUpdates: true });
    await phases(station, 'failed');
    expect(logged.some((line) => line.includes('new version failed'))).toBe(true);
  });
});

describe('a window that does not come as it should', () => {
  const stationIsFree = async (): Promise<void> => {
    const { data } = dataFolders(folder);
    await expect(readFile(join(data, 'station.lock'))).rejects.toMatchObject({ code: 'ENOENT' });
  };

  it('ends the app quietly if it is closed while its page loads', async () => {
    electron.loading = 'is-closed';
    await start();
    await electron.happened.until(() => electron.quits > 0);
    expect(electron.errors).toEqual([]);
    expect(electron.exitCode).toBeNull();
    await stationIsFree();
  });

  it('is shown all the same if its page never becomes ready', async () => {
    electron.loading = 'draws-nothing';
    await start({ showAfterMs: 1 });
    await electron.happened.until(() => electron.window.calls.includes('show'));
    expect(logged.some((line) => line.includes('before its page is ready'))).toBe(true);
  });

  it('whose page cannot be loaded is an error in one sentence, and the station is closed first', async () => {
    electron.loading = 'fails';
    await start();
    expect(electron.errors).toEqual([expect.stringMatching(/^Canopus could not start: ERR_FILE_NOT_FOUND/)]);
    expect(electron.exitCode).toBe(1);
    await stationIsFree();
    electron.app.quit();
  });

  it('is loaded again on request when it does not respond, and the question goes when it does', async () => {
    await start();
    const { webContents } = electron.window;
    electron.replies.push('never');
    webContents.emit('unresponsive');
    await electron.happened.until(() => electron.messages.length === 1);
    webContents.emit('responsive');
    expect(webContents.calls).toEqual([]);
    electron.replies.push(1);
    webContents.emit('unresponsive');
    await electron.happened.until(() => electron.messages.length === 2);
    await Promise.resolve();
    await electron.happened.until(() => webContents.calls.length === 2);
    expect(webContents.calls).toEqual(['crash', 'reload']);
  });

  it('opens again when the program is started once more, and does not while it is quitting', async () => {
    await start();
    electron.window.minimized = true;
    electron.startAgain();
    expect(electron.window.minimized).toBe(false);
    expect(electron.windows).toHaveLength(1);
    electron.app.quit();
    electron.startAgain();
    await electron.happened.until(() => electron.quits > 0);
    expect(electron.windows).toHaveLength(1);
  });
});

describe('a second start', () => {
  it('opens the station that serves this data folder to browsers, by a link that works once', async () => {
    const sim = join(folder, 'bench.json');
    await mkdir(join(folder, 'renderer'));
    await writeFile(join(folder, 'renderer', 'index.html'), '<p>');
    await using station = await openStation({ sim });
    await using host = await serveHeadless({
      ...{ station, sim, listen: '127.0.0.1:0', dataFolder: folder },
      rendererFolder: join(folder, 'renderer'),
    });
    await start();
    expect(electron.exitCode).toBe(0);
    expect(electron.errors).toEqual([]);
    expect(electron.links).toEqual([expect.stringContaining(`:${host.address.port}/enter/`)]);
    expect((await fetch(electron.links[0]!)).status).toBe(200);
    electron.app.quit();
  });

  it('of `canopus serve` brings the window of this desktop to the front, and a page cannot', async () => {
    await start();
    electron.window.minimized = true;
    expect(await showRunning(dataFolders(folder), join(folder, 'bench.json'))).toMatchObject({ link: null });
    expect(electron.window.minimized).toBe(false);
    expect(await showRunning(dataFolders(folder), undefined)).toBeNull();
    await expect(client().call('host.show', null)).rejects.toMatchObject({ code: 'usage/invalid' });
  });
});

describe('an error that nothing caught', () => {
  it('is in the log, ends the work at a safe point, and then the app', async () => {
    const crashing = new EventEmitter();
    await start({ process: crashing as unknown as NodeJS.Process });
    const station = client();
    await startWrite(station);
    crashing.emit('unhandledRejection', new Error('forgotten'));
    expect(logged.at(-1)).toContain('nothing awaited');
    expect(electron.exitCode).toBeNull();
    // Node.js emits both.
    crashing.emit('uncaughtExceptionMonitor', new Error('broken'));
    crashing.emit('uncaughtException', new Error('broken'));
    await electron.happened.until(() => electron.exitCode !== null);
    expect(electron.exitCode).toBe(1);
    expect(electron.messages).toContain('Canopus has to close');
    expect(logged.some((line) => line.includes('nothing caught'))).toBe(true);
    electron.app.quit();
  });
});

describe('quitting', () => {
  it('is done at once while nothing runs', async () => {
    await start();
    electron.app.quit();
    await electron.happened.until(() => electron.quits > 0);
    expect(electron.messages).toEqual([]);
  });

  it('asks while a board is being written, and continues on request', async () => {
    await start();
    const station = client();
    await startWrite(station);
    electron.answer = 0;
    electron.app.quit();
    await electron.happened.until(() => electron.messages.length === 1);
    expect(electron.quits).toBe(0);
    expect((await station.call('app.info', null)).host).toBe('electron');
  });

  it('ends the work at a safe point first on "Stop"', async () => {
    await start();
    const station = client();
    const jobId = await startWrite(station);
    const states: string[] = [];
    const watching = (async () => {
      for await (const { event } of station.stream('jobs.watch', { jobId })) {
        if (event.type === 'ended') states.push(event.status);
      }
    })().catch(() => undefined);
    electron.answer = 1;
    electron.app.quit();
    await electron.happened.until(() => electron.quits > 0);
    await watching;
    expect(states).toEqual(['cancelled']);
    expect(JSON.parse(await readFile(join(folder, 'data', 'window.json'), 'utf8'))).toHaveProperty('bounds');
  });
});
