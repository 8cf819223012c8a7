import { CanopusError, toCanopusError } from '../errors.ts';
import { fromWireError, parseServerFrame, type ClientFrame } from './frames.ts';
import { defaultLimits } from './limits.ts';
import type { TextLink } from './text-link.ts';

/** Receives the frames of one ask. */
interface AskReceiver {
  next(seq: number, value: unknown): void;
  done(value: unknown): void;
  fail(error: CanopusError): void;
  /** The link is gone: it is unknown whether the station did anything. */
  lost(): void;
}

interface OpenQuestion {
  more(credit: number): void;
  /** Ignores everything that arrives. */
  stop(): void;
}

/** The client's side of one link, from its opening to its end. */
export class ClientSession {
  readonly #link: TextLink;
  readonly #onClosed: (reason: string) => void;
  /** Null for an ask that was stopped and that the server has not ended yet. */
  readonly #open = new Map<number, AskReceiver | null>();
  #lastId = 0;
  #closed = false;

  constructor(link: TextLink, onClosed: (reason: string) => void) {
    this.#link = link;
    this.#onClosed = onClosed;
    link.open({ text: (text) => this.#text(text), closed: (reason) => this.#gone(reason) });
  }

  /** Throws `contract/too-large`, without touching the link, if the input is too large for one text. */
  ask(
    question: { name: string; input: unknown; credit: number; after: number },
    receiver: AskReceiver,
  ): OpenQuestion {
    const id = this.#lastId + 1;
    const text = JSON.stringify({ type: 'ask', id, ...question } satisfies ClientFrame);
    if (text.length > defaultLimits.maxTextLength) {
      throw new CanopusError(
        'contract/too-large',
        `${question.name} was asked with ${text.length} characters, at most ${defaultLimits.maxTextLength} are accepted.`,
      );
    }
    if (this.#closed) {
      // The caller got this session just before it ended.
      void Promise.resolve().then(() => receiver.lost());
      return { more: () => undefined, stop: () => undefined };
    }
    this.#lastId = id;
    this.#open.set(id, receiver);
    this.#link.send(text);
    return {
      more: (credit) => {
        if (this.#open.get(id)) this.#send({ type: 'ask', id, credit });
      },
      stop: () => {
        if (!this.#open.get(id)) return;
        this.#open.set(id, null);
        this.#send({ type: 'stop', id });
      },
    };
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#link.close(reason);
    this.#gone(reason);
  }

  #send(frame: ClientFrame): void {
    this.#link.send(JSON.stringify(frame));
  }

  #text(text: string): void {
    if (this.#closed) return;
    try {
      this.#frame(text);
    } catch (thrown) {
      this.close(toCanopusError(thrown).code);
    }
  }

  #frame(text: string): void {
    const frame = parseServerFrame(text);
    const receiver = this.#open.get(frame.id);
    if (receiver === undefined) {
      throw new CanopusError(
        'contract/protocol',
        `The station sent ${frame.type} for ${frame.id}, which is not open.`,
      );
    }
    if (frame.type === 'next') {
      receiver?.next(frame.seq, frame.value);
      return;
    }
    this.#open.delete(frame.id);
    if (frame.type === 'done') receiver?.done(frame.value);
    else receiver?.fail(fromWireError(frame.error));
  }

  #gone(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const receivers = [...this.#open.values()];
    this.#open.clear();
    for (const receiver of receivers) receiver?.lost();
    this.#onClosed(reason);
  }
}
