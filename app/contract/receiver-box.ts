import type { LinkReceiver } from './text-link.ts';

/**
 * Holds texts that arrive on a link until there is a receiver, and the end of the link until all texts were received.
 */
export class ReceiverBox implements LinkReceiver {
  #receiver: LinkReceiver | null = null;
  #early: string[] = [];
  #reason: string | null = null;

  get isClosed(): boolean {
    return this.#reason !== null;
  }

  /** Early texts are delivered after the caller has returned, like all others. */
  open(receiver: LinkReceiver): void {
    void Promise.resolve().then(() => {
      this.#receiver = receiver;
      for (const text of this.#early.splice(0)) receiver.text(text);
      if (this.#reason !== null) receiver.closed(this.#reason);
    });
  }

  text(text: string): void {
    if (this.#reason !== null) return;
    if (this.#receiver === null) this.#early.push(text);
    else this.#receiver.text(text);
  }

  closed(reason: string): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#receiver?.closed(reason);
  }
}
