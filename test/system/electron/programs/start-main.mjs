// Starts the built main process (argument 1) as Electron does: `ready` comes only after the entry was evaluated.
// Prints what it did with Electron, as JSON.
import { EventEmitter } from 'node:events';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

const [entry, standIn] = process.argv.splice(2, 2);
const hooks = `export async function resolve(specifier, context, next) {
  return specifier === 'electron' ? { url: ${JSON.stringify(pathToFileURL(standIn).href)}, shortCircuit: true } : next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const calls = [];
let becomeReady;
const ready = new Promise((resolve) => (becomeReady = resolve));
const handlers = new Map();
let opened;
const window = new Promise((resolve) => (opened = resolve));

class BrowserWindow extends EventEmitter {
  webContents = Object.assign(new EventEmitter(), { id: 1, setWindowOpenHandler: () => undefined });
  constructor(options) {
    super();
    this.options = options;
  }
  isDestroyed() {
    return false;
  }
  setProgressBar() {}
  loadURL(url) {
    opened({ options: this.options, url });
    return Promise.resolve();
  }
}

const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  requestSingleInstanceLock: () => true,
  enableSandbox: () => calls.push('enableSandbox'),
  setAppUserModelId: () => undefined,
  whenReady: () => ready,
  quit: () => undefined,
  exit: (code) => process.exit(code),
});
globalThis.electronStandIn = {
  app,
  BrowserWindow,
  dialog: { showErrorBox: (title, text) => console.error(title, text) },
  ipcMain: new EventEmitter(),
  Menu: { buildFromTemplate: (template) => template, setApplicationMenu: () => calls.push('menu') },
  nativeTheme: { themeSource: 'system', shouldUseDarkColors: false },
  Notification: class extends EventEmitter {},
  powerSaveBlocker: { start: () => 1, stop: () => undefined },
  protocol: {
    registerSchemesAsPrivileged: () => calls.push('scheme'),
    handle: (scheme, handler) => handlers.set(scheme, handler),
  },
  safeStorage: { isAsyncEncryptionAvailable: () => Promise.resolve(false) },
  screen: { getAllDisplays: () => [] },
  session: {
    defaultSession: Object.assign(new EventEmitter(), {
      setPermissionRequestHandler: () => undefined,
      setPermissionCheckHandler: () => undefined,
      setDevicePermissionHandler: () => undefined,
      webRequest: { onBeforeRequest: () => undefined },
    }),
  },
  shell: {},
};

await import(pathToFileURL(entry).href);
const beforeReady = [...calls];
becomeReady();
const { options, url } = await window;
const page = await handlers.get('canopus')(new Request(url));
console.log(
  JSON.stringify({
    beforeReady,
    url,
    webPreferences: options.webPreferences,
    policy: page.headers.get('content-security-policy'),
    page: await page.text(),
  }),
);
process.exit(0);
