import { joinBytes } from '../join-bytes.ts';
import { onAbort } from '../on-abort.ts';

interface Waiter {
  resolve(bytes: Uint8Array): void;
  reject(error: unknown): void;
  release(): void;
}

/**
 * Bytes on their way to readers, who are served in order. A reader that gives up takes nothing with it. Holds at most
 * `capacity` bytes, then makes the sender wait.
 */
export class ReceiveQueue {
  readonly #capacity: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  readonly #waiters: Waiter[] = [];
  #roomWanted: (() => void) | null = null;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) return;
    waiter.release();
    waiter.resolve(this.#takeAll());
  }

  /** All bytes in the queue; null if it is empty. */
  takeReady(): Uint8Array | null {
    return this.#size > 0 ? this.#takeAll() : null;
  }

  /** All bytes in the queue, or the next to arrive. Throws the signal's reason. */
  take(signal: AbortSignal): Promise<Uint8Array> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const ready = this.takeReady();
    if (ready !== null) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      const release = onAbort(signal, (reason) => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(reason);
      });
      const waiter = { resolve, reject, release };
      this.#waiters.push(waiter);
    });
  }

  /** Resolves when there is room for more. */
  room(): Promise<void> {
    if (this.#size < this.#capacity) return Promise.resolve();
    return new Promise((resolve) => (this.#roomWanted = resolve));
  }

  #takeAll(): Uint8Array {
    const all = joinBytes(this.#chunks);
    this.#chunks = [];
    this.#size = 0;
    this.#roomWanted?.();
    this.#roomWanted = null;
    return all;
  }
}
