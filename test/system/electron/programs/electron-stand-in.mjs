// What a program gets that imports `electron`, as the driver beside this file wants it.
const electron = /** @type {Record<string, unknown>} */ (Reflect.get(globalThis, 'electronStandIn'));
export const {
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
} = electron;
export default electron;
