import { ReceiverBox } from './receiver-box.ts';
import type { TextLink } from './text-link.ts';

/** The part of a MessagePort that the link uses, as browsers spell it. */
export interface PortLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
  start(): void;
  close(): void;
}

/** A MessagePort as a link. A port cannot say why it was closed. */
export function portLink(port: PortLike): TextLink {
  const box = new ReceiverBox();
  const close = (reason: string): void => {
    if (box.isClosed) return;
    box.closed(reason);
    port.close();
  };
  port.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') box.text(data);
    else close('contract/protocol');
  });
  port.addEventListener('close', () => box.closed('port closed'));
  return {
    open: (receiver) => {
      box.open(receiver);
      port.start();
    },
    send: (text) => {
      if (!box.isClosed) port.postMessage(text);
    },
    close,
  };
}
