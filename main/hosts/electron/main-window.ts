import type { BrowserWindowConstructorOptions } from 'electron';
import type { HostLog } from '../host-log.ts';
import { startUrl } from './app-scheme.ts';
import type { DesktopApi, DesktopWindow } from './electron-api.ts';
import { hostTexts } from './host-texts.ts';
import type { WindowState } from './window-state.ts';

interface MainWindowOptions {
  readonly state: WindowState;
  readonly preloadPath: string;
  readonly log: HostLog;
  /** A page that has not drawn itself by then is shown as it is. */
  readonly showAfterMs?: number | undefined;
}

const defaultShowAfterMs = 5_000;

/** A page that crashes again this soon is not reloaded automatically. */
const crashPauseMs = 10_000;

/** The one window of the app; the station does not need it. */
export class MainWindow {
  readonly #api: DesktopApi;
  readonly #options: MainWindowOptions;
  #window: DesktopWindow | null = null;
  #crashedAtMs = -Infinity;

  constructor(api: DesktopApi, options: MainWindowOptions) {
    this.#api = api;
    this.#options = options;
  }

  get current(): DesktopWindow | null {
    return this.#window;
  }

  /** Resolves when the window's place is on disk, or could not be written. */
  async savePlace(): Promise<void> {
    if (this.#window !== null) this.#options.state.save(this.#window);
    await this.#options.state.settled();
  }

  /**
   * Opens the window, or brings it to the front. Throws if its page cannot be loaded, but not if it was closed
   * meanwhile.
   */
  async open(): Promise<void> {
    if (this.#window !== null) {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.focus();
      return;
    }
    const { state, log } = this.#options;
    const { bounds, isMaximized } = state.read(this.#api.screen.getAllDisplays());
    const window = this.#api.openWindow({ ...bounds, ...this.#windowOptions() });
    this.#window = window;
    // Without a working GPU a page may never be ready to show, and the app would run unseen.
    const late = setTimeout(() => {
      log.warn({}, 'the window is shown before its page is ready');
      this.#show(window, isMaximized);
    }, this.#options.showAfterMs ?? defaultShowAfterMs);
    window.once('ready-to-show', () => {
      clearTimeout(late);
      this.#show(window, isMaximized);
    });
    window.on('close', () => state.save(window));
    window.on('closed', () => {
      clearTimeout(late);
      this.#window = null;
    });
    this.#followPage(window);
    try {
      await window.loadURL(startUrl);
    } catch (error) {
      if (!window.isDestroyed()) throw error;
      log.info({}, 'the window was closed while its page was loading');
    }
  }

  #show(window: DesktopWindow, isMaximized: boolean): void {
    if (window.isDestroyed()) return;
    if (isMaximized) window.maximize();
    window.show();
  }

  #followPage(window: DesktopWindow): void {
    const { log } = this.#options;
    const page = window.webContents;
    page.on('render-process-gone', (_, { reason, exitCode }) => {
      log.error({ reason, exitCode }, 'the page crashed; the work continues');
      const nowMs = performance.now();
      const isAgain = nowMs - this.#crashedAtMs < crashPauseMs;
      this.#crashedAtMs = nowMs;
      if (window.isDestroyed()) return;
      if (isAgain) void this.#offerReload(window, hostTexts.pageGone, () => page.reload());
      else page.reload();
    });
    let away = new AbortController();
    page.on('unresponsive', () => {
      log.warn({}, 'the page does not respond; the work continues');
      away = new AbortController();
      const reload = (): void => {
        page.forcefullyCrashRenderer();
        page.reload();
      };
      void this.#offerReload(window, hostTexts.unresponsive, reload, away.signal);
    });
    page.on('responsive', () => away.abort());
  }

  async #offerReload(
    window: DesktopWindow,
    { message, detail, buttons }: (typeof hostTexts)['pageGone' | 'unresponsive'],
    reload: () => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { response } = await this.#api.dialog.showMessageBox({
      ...{ type: 'warning', message, detail, buttons: [...buttons], defaultId: 1, cancelId: 0 },
      ...(signal === undefined ? {} : { signal }),
    });
    if (response === 1 && signal?.aborted !== true && !window.isDestroyed()) reload();
  }

  #windowOptions(): BrowserWindowConstructorOptions {
    return {
      minWidth: 480,
      minHeight: 400,
      show: false,
      // The colour before the page has drawn itself (renderer/app.css, --color-canvas).
      backgroundColor: this.#api.nativeTheme.shouldUseDarkColors ? '#101418' : '#f4f6f7',
      webPreferences: {
        preload: this.#options.preloadPath,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
        // Progress is drawn even while the window is behind others.
        backgroundThrottling: false,
      },
    };
  }
}
