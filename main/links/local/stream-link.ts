import type { Duplex } from 'node:stream';
import { defaultLimits } from '../../../app/contract/limits.ts';
import { ReceiverBox } from '../../../app/contract/receiver-box.ts';
import type { TextLink } from '../../../app/contract/text-link.ts';
import { encodeStreamFrame, StreamFrameReader } from './frame-stream.ts';

/** One character of UTF-16 takes at most three bytes of UTF-8. The contract refuses what has too many characters. */
const maxFrameBytes = 6 * defaultLimits.maxTextLength;

/** A connected socket as a link. */
export function streamLink(socket: Duplex): TextLink {
  const box = new ReceiverBox();
  const reader = new StreamFrameReader(maxFrameBytes);
  const refuse = (): void => {
    box.closed('contract/protocol');
    socket.destroy();
  };
  socket.on('data', (chunk: Uint8Array) => {
    const frames = reader.push(chunk);
    if (frames === null) refuse();
    else
      for (const { kind, text } of frames) {
        if (kind === 'text') box.text(text);
        else box.closed(text);
      }
  });
  socket.on('close', () => box.closed('socket closed'));
  // A close always follows.
  socket.on('error', () => undefined);
  return {
    open: (receiver) => box.open(receiver),
    send: (text) => {
      if (!box.isClosed && socket.writable) socket.write(encodeStreamFrame({ kind: 'text', text }));
    },
    close: (reason) => {
      if (box.isClosed) return;
      box.closed(reason);
      if (!socket.writable) return;
      socket.end(encodeStreamFrame({ kind: 'close', text: reason }));
      // Further input is ignored, but must be read for the end to be seen.
      socket.resume();
    },
  };
}
