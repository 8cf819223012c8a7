import {
  contractPath,
  contractProtocol,
  pageKeyProtocol,
  portChannel,
  portRequest,
} from '../../app/contract/channel-names.ts';
import { portLink } from '../../app/contract/port-link.ts';
import { socketLink } from '../../app/contract/socket-link.ts';
import { pageKey } from './page-key.ts';
import type { TextLink } from '../../app/contract/text-link.ts';

/** A link to the station that served this page: a port in Electron, a WebSocket in a browser. */
export function connectToStation(): Promise<TextLink> {
  return location.protocol === 'canopus:' ? portFromPreload() : openSocket();
}

function portFromPreload(): Promise<TextLink> {
  return new Promise((resolve) => {
    const onMessage = (event: MessageEvent<unknown>): void => {
      const [port] = event.ports;
      if (event.source !== window || event.data !== portChannel || port === undefined) return;
      window.removeEventListener('message', onMessage);
      resolve(portLink(port));
    };
    window.addEventListener('message', onMessage);
    window.postMessage(portRequest, location.origin);
  });
}

function openSocket(): Promise<TextLink> {
  return new Promise((resolve, reject) => {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}${contractPath}`, [
      contractProtocol,
      pageKeyProtocol + pageKey(),
    ]);
    socket.addEventListener('open', () => resolve(socketLink(socket)));
    socket.addEventListener('close', () => reject(new Error('the socket could not be opened')));
  });
}
