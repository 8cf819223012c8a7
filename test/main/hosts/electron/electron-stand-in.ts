import { EventEmitter, once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron';
import { portLink, type PortLike } from '../../../../app/contract/port-link.ts';
import type { TextLink } from '../../../../app/contract/text-link.ts';
import type {
  DesktopApi,
  DesktopContents,
  DesktopSession,
  DesktopWindow,
  PortRequest,
} from '../../../../main/hosts/electron/electron-api.ts';
import type { SafeStorage } from '../../../../main/hosts/electron/os-secrets.ts';
import type { UpdateChannel } from '../../../../main/hosts/electron/updates.ts';
import { CanopusError } from '../../../../app/errors.ts';
import type { NewerVersion } from '../../../../app/updates/judge-manifest.ts';
import type { DownloadOptions } from '../../../../main/updates/signed-updates.ts';
import type { PackageStart } from '../../../../main/updates/start-package.ts';
import type { MainPort } from '../../../../main/links/electron-port.ts';
import { Happenings } from '../../../conformance/contract-station.ts';

type Listener = Parameters<EventEmitter['on']>[1];
type Handler = (request: Request) => Response | Promise<Response>;
type PermissionHandler = Parameters<DesktopSession['setPermissionRequestHandler']>[0];
type PermissionCheck = Parameters<DesktopSession['setPermissionCheckHandler']>[0];
type RequestListener = Parameters<DesktopSession['webRequest']['onBeforeRequest']>[1];

/** Emits `name` with an event that can be prevented; returns whether it was. */
function isPrevented(emitter: EventEmitter, name: string): boolean {
  let prevented = false;
  emitter.emit(name, { preventDefault: () => (prevented = true) });
  return prevented;
}

class StandInContents extends EventEmitter implements DesktopContents {
  readonly id: number;
  readonly #happened: Happenings;
  openHandler: (() => { action: 'deny' }) | null = null;
  url = '';

  constructor(id: number, happened: Happenings) {
    super();
    this.id = id;
    this.#happened = happened;
  }

  readonly calls: string[] = [];

  reload(): void {
    this.calls.push('reload');
    this.#happened.tell();
  }
  forcefullyCrashRenderer(): void {
    this.calls.push('crash');
  }

  getURL(): string {
    return this.url;
  }

  setWindowOpenHandler(handler: () => { action: 'deny' }): void {
    this.openHandler = handler;
  }

  prevents(name: 'will-navigate' | 'will-frame-navigate' | 'will-redirect' | 'will-attach-webview'): boolean {
    return isPrevented(this, name);
  }
}

/** What happens to a page while it loads. */
type Loading = 'is-drawn' | 'draws-nothing' | 'is-closed' | 'fails';

export class StandInWindow extends EventEmitter implements DesktopWindow {
  readonly webContents: StandInContents;
  readonly options: BrowserWindowConstructorOptions;
  readonly calls: string[] = [];
  readonly progress: number[] = [];
  readonly #shown: () => void;
  readonly loading: Loading;
  bounds = { x: 10, y: 20, width: 900, height: 700 };
  focused = false;
  minimized = false;
  maximized = false;
  destroyed = false;

  constructor(
    options: BrowserWindowConstructorOptions,
    contents: StandInContents,
    loading: Loading,
    shown: () => void,
  ) {
    super();
    this.options = options;
    this.loading = loading;
    this.#shown = shown;
    this.webContents = contents;
  }

  loadURL(url: string): Promise<void> {
    this.webContents.url = url;
    if (this.loading === 'draws-nothing') return Promise.resolve();
    if (this.loading === 'is-closed') {
      this.close();
      // As Electron does: the load is aborted with the page.
      return Promise.reject(new Error(`ERR_FAILED (-2) loading '${url}'`));
    }
    if (this.loading === 'fails')
      return Promise.reject(new Error(`ERR_FILE_NOT_FOUND (-6) loading '${url}'`));
    this.emit('ready-to-show');
    return Promise.resolve();
  }
  show(): void {
    this.calls.push('show');
    this.#shown();
  }
  focus(): void {
    this.calls.push('focus');
  }
  restore(): void {
    this.minimized = false;
  }
  maximize(): void {
    this.maximized = true;
  }
  destroy(): void {
    this.close();
  }
  isMinimized(): boolean {
    return this.minimized;
  }
  isMaximized(): boolean {
    return this.maximized;
  }
  isFocused(): boolean {
    return this.focused;
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return this.bounds;
  }
  setProgressBar(progress: number): void {
    this.progress.push(progress);
  }
  flashFrame(): void {
    this.calls.push('flash');
  }

  /** As when its user closes it. */
  close(): void {
    if (isPrevented(this, 'close')) return;
    this.destroyed = true;
    this.emit('closed');
  }
}

/** Newer versions on a made-up server. */
export class UpdatesStandIn extends EventEmitter implements UpdateChannel {
  /** The version on the server; null if there is no newer one, an error if the server cannot be reached. */
  released: string | null | Error = null;
  way: PackageStart = 'restart';
  downloads = 0;
  /** What the download waits for, after its first half. */
  halfway: Promise<void> = Promise.resolve();
  damaged = false;

  find(): Promise<NewerVersion | null> {
    if (this.released instanceof Error) return Promise.reject(this.released);
    if (this.released === null) return Promise.resolve(null);
    const file = { target: 'linux-x64-AppImage', name: 'new.AppImage', size: 10, sha512: '0'.repeat(128) };
    return Promise.resolve({ version: this.released, file });
  }
  async download(_: NewerVersion, { signal, onProgress }: DownloadOptions): Promise<string> {
    this.downloads += 1;
    onProgress(50);
    this.emit('half');
    await this.halfway;
    onProgress(60);
    signal.throwIfAborted();
    return '/cache/new.AppImage';
  }
  requireUnchanged(path: string): Promise<void> {
    if (!this.damaged) return Promise.resolve();
    return Promise.reject(new CanopusError('update/damaged', `${path} has another content.`));
  }
  get starter(): UpdateChannel['starter'] {
    return {
      way: this.way,
      start: (path) => {
        this.emit('started', path);
        return Promise.resolve();
      },
    };
  }

  /** Resolves with the file when the app asked for the new version to be put in place. */
  get started(): Promise<unknown> {
    return once(this, 'started');
  }
}

/** A key store that turns every byte around; the operating system may have none. */
export class SafeStorageStandIn implements SafeStorage {
  isAvailable = true;
  backend = 'gnome_libsecret';
  /** What was encrypted before is not readable any more then. */
  isKeyLost = false;

  timesOpened = 0;

  isAsyncEncryptionAvailable(): Promise<boolean> {
    this.timesOpened += 1;
    return Promise.resolve(this.isAvailable);
  }
  getSelectedStorageBackend(): string {
    return this.backend;
  }
  encryptStringAsync(plainText: string): Promise<Uint8Array> {
    return Promise.resolve(new TextEncoder().encode(plainText).map((byte) => byte ^ 0xff));
  }
  decryptStringAsync(encrypted: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    if (this.isKeyLost) return Promise.reject(new Error('the key is gone'));
    const bytes = Uint8Array.from(encrypted, (byte) => byte ^ 0xff);
    return Promise.resolve({ result: new TextDecoder().decode(bytes), shouldReEncrypt: false });
  }
}

/** Electron as the desktop host sees it, with the hands of its user. Behaves as Electron's documentation says. */
export class ElectronStandIn implements DesktopApi {
  readonly happened = new Happenings();
  readonly windows: StandInWindow[] = [];
  readonly messages: string[] = [];
  readonly errors: string[] = [];
  readonly links: string[] = [];
  readonly notices: { title: string; body: string; click: () => void }[] = [];
  readonly schemes: { scheme: string; privileges?: object }[] = [];
  menu: MenuItemConstructorOptions[] = [];
  hasLock = true;
  sandboxed = false;
  quits = 0;
  exitCode: number | null = null;
  /** The user's replies to message boxes. */
  answer = 0;
  /** Those to the next ones, in order; `never` is one that stands until it is taken back. */
  readonly replies: (number | 'never')[] = [];
  folder: string | null = null;
  loading: Loading = 'is-drawn';
  readonly safeStorage = new SafeStorageStandIn();
  readonly nativeTheme: DesktopApi['nativeTheme'] = { themeSource: 'system', shouldUseDarkColors: false };
  readonly updater = new UpdatesStandIn();
  /** A package that was made with a place to get newer ones from. */
  hasUpdates = false;
  /** How many asked the computer not to fall asleep. */
  awake = 0;
  displays = [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }];
  permissionHandler: PermissionHandler | null = null;
  permissionCheck: PermissionCheck | null = null;
  deviceHandler: (() => boolean) | null = null;
  requestListener: RequestListener | null = null;
  readonly #appEvents = new EventEmitter();
  readonly #sessionEvents = new EventEmitter();
  readonly #ipc = new EventEmitter();
  readonly #protocols = new Map<string, Handler>();
  #contents = 0;

  readonly app: DesktopApi['app'] = {
    isPackaged: true,
    requestSingleInstanceLock: () => this.hasLock,
    enableSandbox: () => (this.sandboxed = true),
    setAppUserModelId: () => undefined,
    whenReady: () => Promise.resolve(),
    // Electron emits before-quit, which may be prevented, and otherwise closes all windows.
    quit: () => {
      if (isPrevented(this.#appEvents, 'before-quit')) return;
      this.quits += 1;
      for (const window of this.windows) if (!window.destroyed) window.close();
      this.happened.tell();
    },
    exit: (code) => {
      this.exitCode = code ?? 0;
      this.happened.tell();
    },
    on: (event: string, listener: Listener) => this.#appEvents.on(event, listener),
  };

  readonly protocol: DesktopApi['protocol'] = {
    registerSchemesAsPrivileged: (schemes) => this.schemes.push(...schemes),
    handle: (scheme, handler) => this.#protocols.set(scheme, handler),
  };

  readonly ipcMain: DesktopApi['ipcMain'] = {
    on: (channel, listener) => this.#ipc.on(channel, listener),
  };

  readonly session = {
    defaultSession: {
      setPermissionRequestHandler: (handler: PermissionHandler) => (this.permissionHandler = handler),
      setPermissionCheckHandler: (handler: PermissionCheck) => (this.permissionCheck = handler),
      setDevicePermissionHandler: (handler: () => boolean) => (this.deviceHandler = handler),
      on: (event: string, listener: Listener) => this.#sessionEvents.on(event, listener),
      webRequest: {
        onBeforeRequest: (_: unknown, listener: RequestListener) => (this.requestListener = listener),
      },
    },
  };

  get openUpdates(): DesktopApi['openUpdates'] {
    return this.hasUpdates ? () => Promise.resolve(this.updater) : null;
  }

  keepAwake(): () => void {
    this.awake += 1;
    return () => {
      this.awake -= 1;
      this.happened.tell();
    };
  }

  readonly dialog: DesktopApi['dialog'] = {
    showMessageBox: ({ message, signal, cancelId }) => {
      this.messages.push(message);
      this.happened.tell();
      const response = this.replies.shift() ?? this.answer;
      if (response !== 'never') return Promise.resolve({ response });
      // A signal closes the box, as its user would by Escape (Electron, dialog.showMessageBox).
      return new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve({ response: cancelId ?? 0 }), { once: true });
      });
    },
    showOpenDialog: () =>
      Promise.resolve({
        canceled: this.folder === null,
        filePaths: this.folder === null ? [] : [this.folder],
      }),
    showErrorBox: (title, content) => this.errors.push(`${title}: ${content}`),
  };

  readonly screen: DesktopApi['screen'] = { getAllDisplays: () => this.displays };

  openWindow(options: BrowserWindowConstructorOptions): DesktopWindow {
    const window = new StandInWindow(options, this.newContents(), this.loading, () => this.happened.tell());
    window.on('closed', () => {
      if (this.windows.every(({ destroyed }) => destroyed)) this.#appEvents.emit('window-all-closed');
    });
    this.windows.push(window);
    return window;
  }

  setMenu(template: MenuItemConstructorOptions[]): void {
    this.menu = template;
  }

  notify(options: { title: string; body: string }, onClick: () => void): void {
    this.notices.push({ ...options, click: onClick });
    this.happened.tell();
  }

  openPath(): Promise<string> {
    return Promise.resolve('');
  }

  openLink(url: string): Promise<void> {
    this.links.push(url);
    return Promise.resolve();
  }

  /** Any page, not only that of the window. */
  newContents(): StandInContents {
    const contents = new StandInContents((this.#contents += 1), this.happened);
    this.#appEvents.emit('web-contents-created', {}, contents);
    return contents;
  }

  get window(): StandInWindow {
    const window = this.windows.at(-1);
    if (window === undefined) throw new Error('there is no window');
    return window;
  }

  startAgain(): void {
    this.#appEvents.emit('second-instance');
  }

  preventsDownload(): boolean {
    return isPrevented(this.#sessionEvents, 'will-download');
  }

  isRequestCancelled(url: string): boolean {
    let cancelled = false;
    this.requestListener?.({ url }, ({ cancel }) => (cancelled = cancel));
    return cancelled;
  }

  isGranted(permission: string): boolean {
    const answers: boolean[] = [];
    this.permissionHandler?.({}, permission, (answer) => answers.push(answer));
    return answers.includes(true) && this.permissionCheck?.({}, permission) === true;
  }

  async fetch(url: string, method = 'GET'): Promise<Response> {
    const handler = this.#protocols.get(new URL(url).protocol.replace(/:$/, ''));
    if (handler === undefined) throw new Error(`nobody serves ${url}`);
    return handler(new Request(url, { method }));
  }

  /** What the preload script of a page does: one end of a channel to main, the other to the page. */
  connect(from: { contentsId?: number; url?: string; isSubframe?: boolean } = {}): {
    link: TextLink;
    closed: Promise<void>;
  } {
    const { port1, port2 } = new MessageChannel();
    const closed = new Promise<void>((resolve) => port1.on('close', resolve));
    const request: PortRequest = {
      ports: [asMainPort(port2)],
      sender: { id: from.contentsId ?? this.window.webContents.id },
      senderFrame: {
        url: from.url ?? this.window.webContents.url,
        parent: from.isSubframe === true ? {} : null,
      },
    };
    this.#ipc.emit('canopus:port', request);
    return { link: portLink(asPagePort(port1)), closed };
  }
}

/** Node's port with the interface of Electron's MessagePortMain: nothing before start, an event around each message. */
function asMainPort(port: MessagePort): MainPort {
  const onMessage: ((event: { readonly data: unknown }) => void)[] = [];
  return {
    postMessage: (message) => port.postMessage(message),
    on: (event: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) =>
      event === 'message' ? onMessage.push(listener) : port.on('close', () => listener({ data: null })),
    start: () => {
      port.on('message', (data: unknown) => {
        for (const listener of onMessage) listener({ data });
      });
    },
    close: () => port.close(),
  };
}

/** Node's port with the interface that a page sees. */
function asPagePort(port: MessagePort): PortLike {
  return {
    postMessage: (message) => port.postMessage(message),
    addEventListener: (type: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) => {
      if (type === 'message') port.on('message', (data: unknown) => listener({ data }));
      else port.on('close', () => listener({ data: null }));
    },
    start: () => port.start(),
    close: () => port.close(),
  };
}
