import type * as Electron from 'electron';
import type { DataFolders } from '../../station/data-folders.ts';
import type { MainPort } from '../../links/electron-port.ts';
import type { SafeStorage } from './os-secrets.ts';
import type { UpdateChannel } from './updates.ts';

/**
 * The part of Electron that the desktop host uses. `electron.ts` passes the real one, which the compiler checks against
 * Electron's own types; tests pass a stand-in.
 */
export interface DesktopApi {
  readonly app: DesktopApp;
  readonly protocol: {
    registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void;
    handle(scheme: string, handler: (request: Request) => Response | Promise<Response>): void;
  };
  readonly ipcMain: { on(channel: string, listener: (event: PortRequest) => void): unknown };
  readonly session: { readonly defaultSession: DesktopSession };
  readonly dialog: {
    showMessageBox(options: Electron.MessageBoxOptions): Promise<{ readonly response: number }>;
    showOpenDialog(
      options: Electron.OpenDialogOptions,
    ): Promise<{ readonly canceled: boolean; readonly filePaths: readonly string[] }>;
    showErrorBox(title: string, content: string): void;
  };
  readonly screen: { getAllDisplays(): readonly { readonly workArea: Electron.Rectangle }[] };
  openWindow(options: Electron.BrowserWindowConstructorOptions): DesktopWindow;
  setMenu(template: Electron.MenuItemConstructorOptions[]): void;
  notify(options: { title: string; body: string }, onClick: () => void): void;
  openPath(path: string): Promise<string>;
  /** In the user's browser. */
  openLink(url: string): Promise<void>;
  readonly safeStorage: SafeStorage;
  readonly nativeTheme: { themeSource: 'system' | 'light' | 'dark'; readonly shouldUseDarkColors: boolean };
  /** Keeps the computer from falling asleep, until the returned function is called. */
  keepAwake(): () => void;
  /** Null in a checkout, and in a package that was made without an update server. */
  readonly openUpdates:
    ((folders: DataFolders, report: (error: unknown) => void) => Promise<UpdateChannel>) | null;
}

export interface DesktopApp {
  readonly isPackaged: boolean;
  requestSingleInstanceLock(): boolean;
  enableSandbox(): void;
  setAppUserModelId(id: string): void;
  whenReady(): Promise<void>;
  quit(): void;
  exit(code?: number): void;
  on(event: 'second-instance' | 'window-all-closed' | 'activate', listener: () => void): unknown;
  on(event: 'before-quit', listener: (event: Preventable) => void): unknown;
  on(event: 'web-contents-created', listener: (event: unknown, contents: DesktopContents) => void): unknown;
}

export interface Preventable {
  preventDefault(): void;
}

export interface DesktopWindow {
  readonly webContents: DesktopContents;
  loadURL(url: string): Promise<void>;
  show(): void;
  focus(): void;
  restore(): void;
  maximize(): void;
  destroy(): void;
  isMinimized(): boolean;
  isMaximized(): boolean;
  isFocused(): boolean;
  isDestroyed(): boolean;
  getNormalBounds(): Electron.Rectangle;
  /** 0 to 1; below 0 removes the bar, above 1 shows an indeterminate one. */
  setProgressBar(progress: number): void;
  flashFrame(flag: boolean): void;
  on(event: 'close', listener: (event: Preventable) => void): unknown;
  on(event: 'closed', listener: () => void): unknown;
  once(event: 'ready-to-show', listener: () => void): unknown;
}

export interface DesktopContents {
  readonly id: number;
  getURL(): string;
  reload(): void;
  /** Ends the page's process, also one that hangs. */
  forcefullyCrashRenderer(): void;
  setWindowOpenHandler(handler: () => { action: 'deny' }): void;
  on(
    event: 'will-navigate' | 'will-frame-navigate' | 'will-redirect' | 'will-attach-webview',
    listener: (event: Preventable) => void,
  ): unknown;
  on(event: 'unresponsive' | 'responsive', listener: () => void): unknown;
  on(
    event: 'render-process-gone',
    listener: (event: unknown, details: { readonly reason: string; readonly exitCode: number }) => void,
  ): unknown;
}

export interface DesktopSession {
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: string, callback: (granted: boolean) => void) => void,
  ): void;
  setPermissionCheckHandler(handler: (contents: unknown, permission: string) => boolean): void;
  setDevicePermissionHandler(handler: () => boolean): void;
  on(event: 'will-download', listener: (event: Preventable) => void): unknown;
  readonly webRequest: {
    onBeforeRequest(
      filter: { urls: string[] },
      listener: (
        details: { readonly url: string },
        callback: (response: { cancel: boolean }) => void,
      ) => void,
    ): void;
  };
}

/** An IPC message with ports, as it arrives in the main process. */
export interface PortRequest {
  readonly ports: readonly MainPort[];
  readonly sender: { readonly id: number };
  /** Null if the frame is already gone. */
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
}
