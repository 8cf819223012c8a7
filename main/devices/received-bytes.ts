import { CanopusError } from '../../app/errors.ts';
import type { Clock } from '../../app/transport/clock.ts';
import { PendingReads, type ReadOptions } from './pending-reads.ts';

/** Bytes that a port has received, for readers at any time: served in the order they asked, no byte lost. */
export class ReceivedBytes {
  readonly #pending: PendingReads<Uint8Array>;
  #chunks: Uint8Array[] = [];
  #end: CanopusError | null = null;

  constructor(label: string, clock: Clock) {
    this.#pending = new PendingReads(clock, (timeoutMs) => {
      const message = `${label}: no byte arrived within ${timeoutMs} ms.`;
      return new CanopusError('link/timeout', message, { label, timeoutMs });
    });
  }

  push(bytes: Uint8Array): void {
    if (!this.#pending.serve(bytes)) this.#chunks.push(bytes);
  }

  /** Ends the queue: pending and later reads throw this. */
  end(error: CanopusError): void {
    this.#end = error;
    this.#chunks = [];
    this.#pending.fail(error);
  }

  /** At least one byte. Throws `link/timeout`, the signal's reason, or what `end` was called with. */
  async read(options: ReadOptions): Promise<Uint8Array> {
    options.signal?.throwIfAborted();
    if (this.#end) throw this.#end;
    if (this.#chunks.length > 0) return joined(this.#chunks.splice(0));
    return await this.#pending.next(options);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(chunks));
}
