import type { Served } from '../../../app/contract/server.ts';
import type { TextLink } from '../../../app/contract/text-link.ts';
import { CanopusError } from '../../../app/errors.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import { hostPlatform } from '../../devices/native-errors.ts';
import { openStation, type Station } from '../../station.ts';
import type { DataFolders } from '../../station/data-folders.ts';
import type { HostFeatures, HostUpdates } from '../../station/host-features.ts';
import { openSharedStation, type SharedStation } from '../../station/open-shared-station.ts';
import type { StationServices } from '../../station/station-services.ts';
import { internalLog, type HostLog } from '../host-log.ts';
import { serveStation } from '../serve-station.ts';
import { showRunning } from '../show-running.ts';
import { endAfterCrash, logCrashes } from '../crashes.ts';
import type { RendererFiles } from '../renderer-files.ts';
import { registerScheme, serveScheme } from './app-scheme.ts';
import type { DesktopApi } from './electron-api.ts';
import { guardApp } from './guards.ts';
import { hostTexts } from './host-texts.ts';
import { JobSigns } from './job-signs.ts';
import { MainWindow } from './main-window.ts';
import { menuTemplate } from './menu.ts';
import { openSecrets } from './os-secrets.ts';
import { servePorts } from './port-server.ts';
import { Quitting } from './quitting.ts';
import { Tellable } from './tellable.ts';
import { Updates } from './updates.ts';
import { WindowState } from './window-state.ts';

interface DesktopOptions {
  readonly folders: DataFolders;
  readonly log: HostLog & { readonly file: string };
  /** Of the preload script. */
  readonly preloadPath: string;
  readonly platform: NodeJS.Platform;
  /** A bench file: virtual boards instead of this computer's USB. */
  readonly sim?: string | undefined;
  readonly loadFiles: () => Promise<RendererFiles>;
  /** See `MainWindow`. */
  readonly showAfterMs?: number;
  /** How long the end may take before the person is asked; shorter in tests. */
  readonly patienceMs?: number;
  /** The process whose crashes are followed; none in tests. */
  readonly process?: Pick<NodeJS.Process, 'on' | 'off'> | undefined;
}

const defaultPatienceMs = 30_000;

/**
 * Runs the desktop app: one window on one station. Resolves when the window is open; without the single-instance lock
 * it quits at once, and the instance that has it comes to the front.
 */
export async function runDesktop(api: DesktopApi, options: DesktopOptions): Promise<void> {
  const { app } = api;
  const { log } = options;
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.enableSandbox();
  app.setAppUserModelId('io.canopus.station');
  registerScheme(api.protocol);
  await app.whenReady();
  if (await showOther(api, options)) {
    app.exit(0);
    return;
  }
  try {
    const { folders, preloadPath, showAfterMs } = options;
    const state = await WindowState.open(folders.data, (error) => log.warn({ err: error }, 'window'));
    await new Desktop(api, options, new MainWindow(api, { state, preloadPath, log, showAfterMs })).open();
  } catch (error) {
    log.error({ err: error }, 'the station could not be opened');
    api.dialog.showErrorBox(hostTexts.startFailed, startFailure(error));
    app.exit(1);
  }
}

/** The station that has the folder is not of this desktop: it is opened where it is served. */
async function showOther(api: DesktopApi, { folders, sim, log }: DesktopOptions): Promise<boolean> {
  const shown = await showRunning(folders, sim);
  if (shown === null) return false;
  log.info({ pid: shown.pid }, 'another station has the data folder; it is opened instead');
  if (shown.link !== null) await api.openLink(shown.link);
  return true;
}

function startFailure(error: unknown): string {
  if (!(error instanceof CanopusError)) return error instanceof Error ? error.message : String(error);
  const { code, message, details } = error;
  return `${message}\n\n${nextStep(code, { surface: 'window', system: hostPlatform, details })}`;
}

/** How long another window or server may take to end. */
const otherStationMs = 5_000;

class Desktop {
  readonly #api: DesktopApi;
  readonly #options: DesktopOptions;
  readonly #events = new Tellable();
  readonly #stop = new AbortController();
  readonly #window: MainWindow;
  #updates: Updates | null = null;
  #quitting: Quitting | null = null;
  #disposed: Promise<void> | null = null;

  constructor(api: DesktopApi, options: DesktopOptions, window: MainWindow) {
    this.#api = api;
    this.#options = options;
    this.#window = window;
  }

  async open(): Promise<void> {
    const { app, session, protocol } = this.#api;
    const { folders, log, sim } = this.#options;
    guardApp(app, session.defaultSession, log);
    serveScheme(protocol, await this.#options.loadFiles());
    const secrets = openSecrets({
      safeStorage: this.#api.safeStorage,
      folder: folders.data,
      platform: this.#options.platform,
      log,
    });
    const isOpen = new AbortController();
    const shared = await openSharedStation({
      ...{ openStation: () => openStation({ sim }), folders, log: internalLog(log), secrets },
      ...{ host: 'electron', sim },
      waitMs: otherStationMs,
      commandWait: { onWait: (sentence) => void this.#sayWaiting(sentence, isOpen.signal) },
    });
    isOpen.abort();
    try {
      await this.#openOn(shared);
    } catch (error) {
      await this.#dispose(shared);
      throw error;
    }
  }

  async #openOn(shared: SharedStation): Promise<void> {
    const { ipcMain } = this.#api;
    const { log } = this.#options;
    const { station, services } = shared;
    const serve = (link: TextLink): Served => this.#serve(shared, link, null);
    const show = (): null => {
      this.#bringToFront();
      return null;
    };
    this.#updates = this.#openUpdates(station, services);
    await shared.share((link) => this.#serve(shared, link, show));
    servePorts(ipcMain, () => this.#window.current, serve, log);
    this.#quitting = this.#followApp(shared);
    this.#followSettings(services);
    this.#setMenu();
    const signs = new JobSigns(this.#api, {
      window: () => this.#window.current,
      mayNotify: () => services.settings.current.showNotifications,
      onIdle: () => void this.#updates?.refresh(),
    });
    signs
      .follow(services.jobs.overview(this.#stop.signal))
      .catch((error: unknown) => log.error({ err: error }, 'progress is no longer shown outside the window'));
    await this.#window.open();
  }

  /**
   * Without it a program that waits for a command looks as if it had not started. A Mac shows a dialog without a window
   * until it is answered, whatever the signal (Electron, dialog.showMessageBox).
   */
  async #sayWaiting(sentence: string, isOpen: AbortSignal): Promise<void> {
    const { message, detail, buttons } = hostTexts.commandRuns;
    const { response } = await this.#api.dialog.showMessageBox({
      ...{ type: 'info', message, detail: detail(sentence), signal: isOpen },
      ...{ buttons: [...buttons], defaultId: 0, cancelId: 0 },
    });
    if (response === 1) this.#api.app.quit();
  }

  #serve(shared: SharedStation, link: TextLink, show: HostFeatures['show']): Served {
    const features: HostFeatures = {
      name: 'electron',
      events: (signal) => this.#events.follow(signal),
      chooseFolder: () => this.#chooseFolder(),
      show,
      updates: this.#hostUpdates(),
    };
    return serveStation(shared, features, link, this.#options.log);
  }

  #followApp(shared: SharedStation): Quitting {
    const { app } = this.#api;
    const { log } = this.#options;
    const quitting = new Quitting({
      api: this.#api,
      log,
      running: () => shared.services.jobs.running.length,
      close: () => this.#dispose(shared),
      onStay: () => this.#bringToFront(),
      patienceMs: this.#options.patienceMs ?? defaultPatienceMs,
    });
    const open = (): void => {
      if (!quitting.isEnding) this.#bringToFront();
    };
    app.on('second-instance', open);
    app.on('activate', open);
    app.on('window-all-closed', () => {
      // On a Mac, programs stay open until they are quit.
      if (this.#options.platform !== 'darwin') app.quit();
    });
    app.on('before-quit', (event) => quitting.onBeforeQuit(event));
    this.#followCrashes(quitting);
    return quitting;
  }

  #bringToFront(): void {
    this.#window
      .open()
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'the window could not be opened'));
  }

  #followCrashes(quitting: Quitting): void {
    const { log, process: from, patienceMs = defaultPatienceMs } = this.#options;
    if (from === undefined) return;
    logCrashes(log, from);
    endAfterCrash({
      end: async () => {
        const { message, detail } = hostTexts.crashed;
        // Not awaited: the work ends whether it is read or not.
        void this.#api.dialog.showMessageBox({ type: 'error', message, detail: detail(log.file) });
        await quitting.close();
      },
      exit: (code) => this.#api.app.exit(code),
      patienceMs,
      from,
    });
  }

  /** Title bar, menus and dialogs in the colours of the page. */
  #followSettings({ settings }: StationServices): void {
    const take = (): void => {
      this.#api.nativeTheme.themeSource = settings.current.theme;
      void this.#updates?.refresh();
    };
    take();
    settings.onChange(take);
  }

  #openUpdates(station: Station, { settings, jobs }: StationServices): Updates | null {
    const { openUpdates } = this.#api;
    if (openUpdates === null) return null;
    const { folders, log } = this.#options;
    return new Updates({
      open: () => openUpdates(folders, (error) => log.warn({ err: error }, 'updates')),
      isWanted: () => settings.current.checkForUpdates,
      isIdle: () => jobs.running.length === 0,
      clock: station.clock,
      log,
    });
  }

  #hostUpdates(): HostUpdates | null {
    const updates = this.#updates;
    if (updates === null) return null;
    return {
      follow: (signal) => updates.follow(signal),
      check: () => updates.check(),
      install: async () => {
        const way = await updates.install(async () => {
          await this.#quitting?.close();
        });
        if (way === 'restart') this.#api.app.quit();
      },
    };
  }

  #dispose(shared: SharedStation): Promise<void> {
    return (this.#disposed ??= this.#disposeNow(shared));
  }

  async #disposeNow(shared: SharedStation): Promise<void> {
    this.#stop.abort();
    this.#updates?.close();
    await this.#window.savePlace();
    await shared[Symbol.asyncDispose]();
    await shared.station[Symbol.asyncDispose]();
  }

  async #chooseFolder(): Promise<string | null> {
    const { canceled, filePaths } = await this.#api.dialog.showOpenDialog({ properties: ['openDirectory'] });
    return canceled ? null : (filePaths[0] ?? null);
  }

  #setMenu(): void {
    const { platform, log } = this.#options;
    this.#api.setMenu(
      menuTemplate({
        platform,
        isPackaged: this.#api.app.isPackaged,
        tell: (event) => this.#events.tell(event),
        openLog: () => void this.#api.openPath(log.file),
      }),
    );
  }
}
