import { app, BrowserWindow, dialog, ipcMain, protocol, session } from 'electron';
import { fileURLToPath } from 'node:url';
import { portLink } from '../../app/contract/port-link.ts';
import { serveContract } from '../../app/contract/server.ts';
import { stationContract } from '../../app/contract/station-contract.ts';
import { electronPort } from '../links/electron-port.ts';
import { openStation } from '../station.ts';
import { dataFolders } from '../station/data-folders.ts';
import { openServices } from '../station/open-services.ts';
import { stationHandlers } from '../station/station-handlers.ts';
import {
  lockContents,
  lockSession,
  rendererOrigin,
  rendererScheme,
  windowOptions,
} from './electron/lock-down.ts';
import { serveFile } from './electron/serve-files.ts';
import { internalLog, openHostLog } from './host-log.ts';
import { loadRendererFiles, rendererFolder } from './renderer-files.ts';

/**
 * The desktop host: one window on one station. The station belongs to this process, so a window that is closed,
 * reloaded or crashed never stops work that runs.
 */

protocol.registerSchemesAsPrivileged([
  { scheme: rendererScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
]);

const preload = fileURLToPath(new URL('../preload/preload.cjs', import.meta.url));

/** The file after `--sim`, for virtual boards instead of USB. */
function simArgument(): string | undefined {
  const at = process.argv.indexOf('--sim');
  return at < 0 ? undefined : process.argv[at + 1];
}

async function main(): Promise<void> {
  await app.whenReady();
  const files = await loadRendererFiles(rendererFolder());
  protocol.handle(rendererScheme, (request) => serveFile(files, request));
  lockSession(session.defaultSession);

  const folders = dataFolders();
  const log = openHostLog(folders.log);
  const onInternalError = internalLog(log);
  const station = await openStation({ sim: simArgument() });
  const services = await openServices({ station, folders, log: onInternalError });

  let window: BrowserWindow | null = null;
  const show = (): void => {
    if (window !== null) {
      if (window.isMinimized()) window.restore();
      window.focus();
      return;
    }
    const opened = new BrowserWindow(windowOptions(preload));
    window = opened;
    lockContents(opened.webContents);
    opened.once('ready-to-show', () => opened.show());
    opened.once('closed', () => (window = null));
    opened.webContents.on('render-process-gone', (_event, { reason }) => {
      log.warn({ reason }, 'the window crashed and is loaded again');
      if (reason !== 'clean-exit') opened.webContents.reload();
    });
    void opened.loadURL(`${rendererOrigin}/`);
  };

  ipcMain.on('canopus:port', (event) => {
    const [port] = event.ports;
    const isOurs = event.sender === window?.webContents && event.senderFrame?.origin === rendererOrigin;
    if (!isOurs || port === undefined) {
      log.warn({ origin: event.senderFrame?.origin ?? null }, 'a stranger asked for the station');
      return;
    }
    serveContract(stationContract, stationHandlers(services, 'electron'), portLink(electronPort(port)), {
      clock: station.clock,
      onInternalError,
      onRefused: ({ code, message }) => log.warn({ code }, message),
    });
  });

  app.on('second-instance', show);
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  // Work that runs ends at its next safe point.
  const closeThenQuit = async (): Promise<void> => {
    try {
      await services[Symbol.asyncDispose]();
      await station[Symbol.asyncDispose]();
    } finally {
      app.quit();
    }
  };
  let mayQuit = false;
  app.on('before-quit', (event) => {
    if (mayQuit) return;
    event.preventDefault();
    const writing = services.jobs.running.some((job) => !job.safeToStop);
    if (writing && !isQuitWanted()) {
      show();
      return;
    }
    mayQuit = true;
    void closeThenQuit();
  });
  show();
}

function isQuitWanted(): boolean {
  const answer = dialog.showMessageBoxSync({
    type: 'warning',
    message: 'A board is being written to.',
    detail: 'Quitting stops at the next safe point; the board must then be flashed again.',
    buttons: ['Keep going', 'Stop and quit'],
    defaultId: 0,
    cancelId: 0,
  });
  return answer === 1;
}

if (app.requestSingleInstanceLock()) {
  main().catch((error: unknown) => {
    dialog.showErrorBox('Canopus could not start', error instanceof Error ? error.message : String(error));
    app.exit(1);
  });
} else {
  app.quit();
}
