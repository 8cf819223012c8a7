import { ReceiverBox } from '../../../app/contract/receiver-box.ts';
import type { TextLink } from '../../../app/contract/text-link.ts';

interface FirstText {
  /** Null if the link was closed before anything came; `reason` says why. */
  readonly first: string | null;
  readonly reason: string | null;
  /** The link without its first text. */
  readonly rest: TextLink;
}

/** Reads the first text of a link, before anything else uses the link. */
export function firstText(link: TextLink): Promise<FirstText> {
  const box = new ReceiverBox();
  const rest: TextLink = {
    open: (receiver) => box.open(receiver),
    send: (text) => link.send(text),
    close: (reason) => {
      link.close(reason);
      box.closed(reason);
    },
  };
  return new Promise((resolve) => {
    let isFirst = true;
    link.open({
      text: (text) => {
        if (!isFirst) {
          box.text(text);
          return;
        }
        isFirst = false;
        resolve({ first: text, reason: null, rest });
      },
      closed: (reason) => {
        box.closed(reason);
        resolve({ first: null, reason, rest });
      },
    });
  });
}
