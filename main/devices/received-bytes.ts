import { CanopusError } from '../../app/errors.ts';
import type { Clock } from '../../app/transport/clock.ts';
import { PendingReads, type ReadOptions } from './pending-reads.ts';

/**
 * What may wait for a reader: far more than any protocol here has on its way, and little enough to be parsed in one
 * turn.
 */
const maxWaitingBytes = 64 * 1024;

/** Bytes that a port has received, for readers at any time: served in the order they asked, no byte lost. */
export class ReceivedBytes {
  readonly #pending: PendingReads<Uint8Array>;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #onRoom: (() => void) | null = null;
  #end: CanopusError | null = null;

  constructor(label: string, clock: Clock) {
    this.#pending = new PendingReads(clock, (timeoutMs) => {
      const message = `${label}: no byte arrived within ${timeoutMs} ms.`;
      return new CanopusError('link/timeout', message, { label, timeoutMs });
    });
  }

  push(bytes: Uint8Array): void {
    if (this.#end !== null || this.#pending.serve(bytes)) return;
    this.#chunks.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** Resolves once little enough waits for a reader to receive more, or it has ended. For one caller at a time. */
  async room(): Promise<void> {
    if (this.#waitingBytes >= maxWaitingBytes) await new Promise<void>((resolve) => (this.#onRoom = resolve));
  }

  /** Ends the queue: pending and later reads throw this. */
  end(error: CanopusError): void {
    this.#end = error;
    this.#empty();
    this.#pending.fail(error);
  }

  /** At least one byte. Throws `link/timeout`, the signal's reason, or what `end` was called with. */
  async read(options: ReadOptions): Promise<Uint8Array> {
    options.signal?.throwIfAborted();
    if (this.#end) throw this.#end;
    if (this.#chunks.length > 0) return joined(this.#empty());
    return await this.#pending.next(options);
  }

  #empty(): readonly Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#waitingBytes = 0;
    this.#onRoom?.();
    this.#onRoom = null;
    return chunks;
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(chunks));
}
