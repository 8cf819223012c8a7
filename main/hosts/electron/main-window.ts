import type { BrowserWindowConstructorOptions } from 'electron';
import type { HostLog } from '../host-log.ts';
import { startUrl } from './app-scheme.ts';
import type { DesktopApi, DesktopWindow } from './electron-api.ts';
import type { WindowState } from './window-state.ts';

interface MainWindowOptions {
  readonly state: WindowState;
  readonly preloadPath: string;
  readonly log: HostLog;
}

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

  /** Opens the window, or brings it to the front. */
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
    window.once('ready-to-show', () => {
      if (isMaximized) window.maximize();
      window.show();
    });
    window.on('close', () => state.save(window));
    window.on('closed', () => (this.#window = null));
    window.webContents.on('render-process-gone', (_, { reason, exitCode }) => {
      log.error({ reason, exitCode }, 'the page crashed; the work continues');
      const nowMs = performance.now();
      const isAgain = nowMs - this.#crashedAtMs < crashPauseMs;
      this.#crashedAtMs = nowMs;
      if (!isAgain && !window.isDestroyed()) window.reload();
    });
    await window.loadURL(startUrl);
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
