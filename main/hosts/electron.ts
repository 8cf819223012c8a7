import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  app,
  BrowserWindow,
  crashReporter,
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  Notification,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
} from 'electron';
import { dataFolders } from '../station/data-folders.ts';
import { runDesktop } from './electron/desktop.ts';
import type { DesktopApi } from './electron/electron-api.ts';
import { Notifications } from './electron/notifications.ts';
import { updatesOf } from './electron/open-updates.ts';
import { windowDataFolder } from './electron/window-data.ts';
import { openHostLog } from './host-log.ts';
import { loadRendererFiles, rendererFolder } from './renderer-files.ts';

const folders = dataFolders();
// Before anything is kept there: crash dumps, and the lock of a second start.
const windowData = windowDataFolder({
  platform: process.platform,
  userData: app.getPath('userData'),
  dataFolder: folders.data,
});
if (windowData !== null) app.setPath('userData', windowData);

// Dumps stay in this user's folder; what is in memory may be in them.
crashReporter.start({ uploadToServer: false });

const notifications = new Notifications((options) => new Notification(options));

const api: DesktopApi = {
  app,
  protocol,
  ipcMain,
  session,
  dialog,
  screen,
  openWindow: (options) => new BrowserWindow(options),
  setMenu: (template) => Menu.setApplicationMenu(Menu.buildFromTemplate(template)),
  notify: (options, onClick) => notifications.show(options, onClick),
  openPath: (path) => shell.openPath(path),
  openLink: (url) => shell.openExternal(url),
  safeStorage,
  nativeTheme,
  keepAwake: () => {
    const id = powerSaveBlocker.start('prevent-app-suspension');
    return () => void powerSaveBlocker.stop(id);
  },
  openUpdates: app.isPackaged ? updatesOf(join(app.getAppPath(), 'package.json')) : null,
};

const simAt = process.argv.indexOf('--sim');

// Not awaited here: Electron is not ready before this module has been evaluated, and runDesktop waits for that.
void runDesktop(api, {
  folders,
  log: openHostLog(folders.log),
  preloadPath: fileURLToPath(new URL('../preload/preload.cjs', import.meta.url)),
  platform: process.platform,
  process,
  sim: simAt < 0 ? undefined : process.argv[simAt + 1],
  loadFiles: () => loadRendererFiles(rendererFolder(fileURLToPath(import.meta.url))),
});
