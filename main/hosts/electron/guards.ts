import type { HostLog } from '../host-log.ts';
import { isOwnUrl } from './app-scheme.ts';
import type { DesktopApp, DesktopContents, DesktopSession } from './electron-api.ts';

/** The renderer only needs to put a UUID on the clipboard. */
const grantedPermissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** Denies every page everything that the renderer does not need. */
export function guardApp(app: DesktopApp, session: DesktopSession, log: HostLog): void {
  app.on('web-contents-created', (_, contents) => guardContents(contents, log));
  session.setPermissionRequestHandler((_, permission, callback) => {
    const granted = grantedPermissions.has(permission);
    if (!granted) log.warn({ permission }, 'a permission was denied');
    callback(granted);
  });
  session.setPermissionCheckHandler((_, permission) => grantedPermissions.has(permission));
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => {
    event.preventDefault();
    log.warn({}, 'a download was denied');
  });
  session.webRequest.onBeforeRequest({ urls: ['<all_urls>'] }, ({ url }, callback) => {
    const isAllowed = isOwnUrl(url) || url.startsWith('data:') || url.startsWith('devtools:');
    if (!isAllowed) log.warn({ url: url.slice(0, 200) }, 'a request was denied');
    callback({ cancel: !isAllowed });
  });
}

function guardContents(contents: DesktopContents, log: HostLog): void {
  const deny =
    (what: string) =>
    (event: { preventDefault(): void }): void => {
      event.preventDefault();
      log.warn({ what }, 'a page was kept where it is');
    };
  contents.setWindowOpenHandler(() => {
    log.warn({ what: 'window.open' }, 'a page was kept where it is');
    return { action: 'deny' };
  });
  contents.on('will-navigate', deny('navigation'));
  contents.on('will-frame-navigate', deny('navigation of a frame'));
  contents.on('will-redirect', deny('redirect'));
  contents.on('will-attach-webview', deny('webview'));
}
