import { ReceiverBox } from './receiver-box.ts';
import type { TextLink } from './text-link.ts';

/** The part of an open WebSocket that the link uses, as browsers and the `ws` package spell it. */
interface SocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
  addEventListener(type: 'error', listener: () => void): void;
}

const socketOpen = 1;

/** Close codes of RFC 6455, 7.4.1. */
const closeNormal = 1000;
const closeUnsupportedData = 1003;

/** An open WebSocket as a link. Accepts only text messages. */
export function socketLink(socket: SocketLike): TextLink {
  const box = new ReceiverBox();
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') {
      box.text(data);
      return;
    }
    box.closed('contract/protocol');
    socket.close(closeUnsupportedData, 'contract/protocol');
  });
  socket.addEventListener('close', ({ code, reason }) =>
    box.closed(reason === '' ? `socket ${code}` : reason),
  );
  // A close always follows.
  socket.addEventListener('error', () => undefined);
  return {
    open: (receiver) => box.open(receiver),
    send: (text) => {
      if (!box.isClosed && socket.readyState === socketOpen) socket.send(text);
    },
    close: (reason) => {
      if (box.isClosed) return;
      socket.close(closeNormal, reason);
      box.closed(reason);
    },
  };
}
