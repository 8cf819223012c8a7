import { CanopusError } from '../../app/errors.ts';
import type { Clock } from '../../app/transport/clock.ts';

interface Reader {
  readonly take: (bytes: Uint8Array) => void;
  readonly fail: (error: Error) => void;
}

/**
 * The reason for stopping the timer of a read. One instance for all: an abort without a reason creates an exception
 * each time.
 */
const served = new Error('The read was served.');

export interface ReadOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that a port has received, for readers at any time: served in the order they asked, no byte lost. */
export class ReceivedBytes {
  readonly #label: string;
  readonly #clock: Clock;
  readonly #readers: Reader[] = [];
  #chunks: Uint8Array[] = [];
  #end: CanopusError | null = null;

  constructor(label: string, clock: Clock) {
    this.#label = label;
    this.#clock = clock;
  }

  push(bytes: Uint8Array): void {
    const reader = this.#readers.shift();
    if (reader) reader.take(bytes);
    else this.#chunks.push(bytes);
  }

  /** Ends the queue: pending and later reads throw this. */
  end(error: CanopusError): void {
    this.#end = error;
    this.#chunks = [];
    for (const reader of this.#readers.splice(0)) reader.fail(error);
  }

  /** At least one byte. Throws `link/timeout`, the signal's reason, or what `end` was called with. */
  async read({ timeoutMs, signal }: ReadOptions): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (this.#end) throw this.#end;
    if (this.#chunks.length > 0) return joined(this.#chunks.splice(0));
    const enough = new AbortController();
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        const reader: Reader = { take: resolve, fail: reject };
        this.#readers.push(reader);
        const stop = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
        this.#clock.sleep(timeoutMs, stop).then(
          () => this.#giveUp(reader, this.#timeout(timeoutMs)),
          () => this.#giveUp(reader, signal?.reason),
        );
      });
    } finally {
      enough.abort(served);
    }
  }

  /** Does nothing for a reader that has its bytes. */
  #giveUp(reader: Reader, reason: unknown): void {
    const at = this.#readers.indexOf(reader);
    if (at < 0) return;
    this.#readers.splice(at, 1);
    reader.fail(reason as Error);
  }

  #timeout(timeoutMs: number): CanopusError {
    const label = this.#label;
    return new CanopusError('link/timeout', `${label}: no byte arrived within ${timeoutMs} ms.`, {
      label,
      timeoutMs,
    });
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(chunks));
}
