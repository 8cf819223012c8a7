import { ipcRenderer } from 'electron';
import { portChannel, portRequest } from '../../app/contract/channel-names.ts';

/** The few parts of a page that are used here; the folder is compiled without the DOM. */
declare const window: {
  addEventListener(type: 'message', listener: (event: { source: unknown; data: unknown }) => void): void;
  postMessage(message: unknown, targetOrigin: string, transfer: readonly unknown[]): void;
};
declare const location: { readonly origin: string };

// The page asks once it listens; it gets one end of a new channel, the main process the other, and nothing else.
window.addEventListener('message', (event) => {
  if (event.source !== window || event.data !== portRequest) return;
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage(portChannel, null, [port1]);
  window.postMessage(portChannel, location.origin, [port2]);
});
