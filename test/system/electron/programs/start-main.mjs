// Starts the built main process (argument 1) as Electron does: `ready` comes only after the entry was evaluated.
// Prints what it did with Electron, as JSON.
import { EventEmitter } from 'node:events';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

const [entry = '', standIn = ''] = process.argv.splice(2, 2);
const hooks = `export async function resolve(specifier, context, next) {
  return specifier === 'electron' ? { url: ${JSON.stringify(pathToFileURL(standIn).href)}, shortCircuit: true } : next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

/** @typedef {{ readonly webPreferences: unknown }} WindowOptions */

/** @type {string[]} */
const calls = [];
/** @type {() => void} */
let becomeReady = () => undefined;
const ready = new Promise((resolve) => {
  becomeReady = () => resolve(undefined);
});
/** @type {Map<string, (request: Request) => Promise<Response>>} */
const handlers = new Map();
/** @type {(window: { options: WindowOptions, url: string }) => void} */
let opened = () => undefined;
/** @type {Promise<{ options: WindowOptions, url: string }>} */
const window = new Promise((resolve) => {
  opened = resolve;
});

class BrowserWindow extends EventEmitter {
  webContents = Object.assign(new EventEmitter(), { id: 1, setWindowOpenHandler: () => undefined });
  /** @param {WindowOptions} options */
  constructor(options) {
    super();
    this.options = options;
  }
  isDestroyed() {
    return false;
  }
  setProgressBar() {}
  /** @param {string} url */
  loadURL(url) {
    opened({ options: this.options, url });
    return Promise.resolve();
  }
}

const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  getPath: (/** @type {string} */ name) => `/nowhere/${name}`,
  setPath: (/** @type {string} */ name) => calls.push(`setPath ${name}`),
  requestSingleInstanceLock: () => true,
  enableSandbox: () => calls.push('enableSandbox'),
  setAppUserModelId: () => undefined,
  whenReady: () => ready,
  quit: () => undefined,
  exit: (/** @type {number} */ code) => process.exit(code),
});
const electronStandIn = {
  app,
  BrowserWindow,
  crashReporter: { start: () => undefined },
  dialog: {
    showErrorBox: (/** @type {string} */ title, /** @type {string} */ text) => console.error(title, text),
  },
  ipcMain: new EventEmitter(),
  Menu: {
    buildFromTemplate: (/** @type {unknown} */ template) => template,
    setApplicationMenu: () => calls.push('menu'),
  },
  nativeTheme: { themeSource: 'system', shouldUseDarkColors: false },
  Notification: class extends EventEmitter {},
  powerSaveBlocker: { start: () => 1, stop: () => undefined },
  protocol: {
    registerSchemesAsPrivileged: () => calls.push('scheme'),
    handle: (/** @type {string} */ scheme, /** @type {(request: Request) => Promise<Response>} */ handler) =>
      handlers.set(scheme, handler),
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

Object.assign(globalThis, { electronStandIn });

await import(pathToFileURL(entry).href);
const beforeReady = [...calls];
becomeReady();
const { options, url } = await window;
const serve = handlers.get('canopus');
if (serve === undefined) throw new Error('nothing serves the page');
const page = await serve(new Request(url));
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
