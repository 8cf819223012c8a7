import { ReceiverBox } from './receiver-box.ts';
import type { TextLink } from './text-link.ts';

/** Two ends in one process. A text never arrives within the call that sends it, as on every other link. */
export function memoryLinkPair(): [TextLink, TextLink] {
  const a = new ReceiverBox();
  const b = new ReceiverBox();
  return [memoryLink(a, b), memoryLink(b, a)];
}

function memoryLink(own: ReceiverBox, other: ReceiverBox): TextLink {
  return {
    open: (receiver) => own.open(receiver),
    send: (text) => {
      if (!own.isClosed) void Promise.resolve().then(() => other.text(text));
    },
    close: (reason) => {
      if (own.isClosed) return;
      void Promise.resolve().then(() => other.closed(reason));
      own.closed(reason);
    },
  };
}
