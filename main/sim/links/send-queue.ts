import { onAbort } from '../on-abort.ts';

interface PendingWrite {
  data: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
  release(): void;
}

/**
 * A driver's transmit buffer of `capacity` bytes. A write is done when all of it is in the buffer; writes keep their
 * order. A write that is given up drops the bytes that were not in the buffer yet.
 */
export class SendQueue {
  readonly #capacity: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  readonly #pending: PendingWrite[] = [];
  #bytesWanted: (() => void) | null = null;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const release = onAbort(signal, (reason) => {
        this.#pending.splice(this.#pending.indexOf(write), 1);
        reject(reason);
      });
      const write: PendingWrite = { data: bytes, resolve, reject, release };
      this.#pending.push(write);
      this.#fill();
    });
  }

  /** Up to `length` of the next bytes, once there are any. Never throws. */
  async next(length: number): Promise<Uint8Array> {
    while (this.#chunks.length === 0) await new Promise<void>((resolve) => (this.#bytesWanted = resolve));
    const [first = new Uint8Array(0)] = this.#chunks;
    if (first.length <= length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    return first.subarray(0, length);
  }

  /** The device took `length` bytes of what `next` returned: there is room for as many again. */
  sent(length: number): void {
    this.#size -= length;
    this.#fill();
  }

  #fill(): void {
    for (let [first] = this.#pending; first !== undefined; [first] = this.#pending) {
      const part = first.data.subarray(0, this.#capacity - this.#size);
      if (part.length > 0) {
        this.#chunks.push(part);
        this.#size += part.length;
        first.data = first.data.subarray(part.length);
        this.#bytesWanted?.();
        this.#bytesWanted = null;
      }
      if (first.data.length > 0) return;
      this.#pending.shift();
      first.release();
      first.resolve();
    }
  }
}
