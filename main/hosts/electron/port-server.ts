import { portChannel } from '../../../app/contract/channel-names.ts';
import { portLink } from '../../../app/contract/port-link.ts';
import type { Served } from '../../../app/contract/server.ts';
import type { TextLink } from '../../../app/contract/text-link.ts';
import { electronPort } from '../../links/electron-port.ts';
import type { HostLog } from '../host-log.ts';
import { isOwnUrl } from './app-scheme.ts';
import type { DesktopApi, DesktopWindow, PortRequest } from './electron-api.ts';

/** Serves the station over ports from the window's own page; all other ports are closed. */
export function servePorts(
  ipcMain: DesktopApi['ipcMain'],
  currentWindow: () => DesktopWindow | null,
  serve: (link: TextLink) => Served,
  log: HostLog,
): void {
  let served: Served | null = null;
  ipcMain.on(portChannel, (request) => {
    const [port] = request.ports;
    const isOwn = isOwnPage(request, currentWindow()) && request.ports.length === 1;
    if (port === undefined || !isOwn) {
      log.warn({ url: request.senderFrame?.url ?? null }, 'a port of a foreign page was closed');
      for (const foreign of request.ports) foreign.close();
      return;
    }
    // A reloaded page has a new port; the old port's requests no longer matter.
    served?.close('replaced');
    served = serve(portLink(electronPort(port)));
  });
}

function isOwnPage({ sender, senderFrame }: PortRequest, window: DesktopWindow | null): boolean {
  const isOwnWindow = window !== null && !window.isDestroyed() && window.webContents.id === sender.id;
  return isOwnWindow && senderFrame !== null && senderFrame.parent === null && isOwnUrl(senderFrame.url);
}
