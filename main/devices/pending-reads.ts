import type { Clock } from '../../app/transport/clock.ts';

interface Reader<T> {
  readonly take: (item: T) => void;
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

/** Readers of what has not arrived yet, served in the order in which they asked. One that gives up takes nothing. */
export class PendingReads<T> {
  readonly #clock: Clock;
  readonly #timeout: (timeoutMs: number) => Error;
  readonly #readers: Reader<T>[] = [];

  /** `timeout` makes the error of a reader whose time is over. */
  constructor(clock: Clock, timeout: (timeoutMs: number) => Error) {
    this.#clock = clock;
    this.#timeout = timeout;
  }

  /** Hands over what arrived; false if there is no reader. */
  serve(item: T): boolean {
    const reader = this.#readers.shift();
    reader?.take(item);
    return reader !== undefined;
  }

  /** Every pending read throws this. */
  fail(error: Error): void {
    for (const reader of this.#readers.splice(0)) reader.fail(error);
  }

  /** What arrives next. Throws the error of a time-out, the signal's reason, or what `fail` was called with. */
  async next({ timeoutMs, signal }: ReadOptions): Promise<T> {
    const enough = new AbortController();
    try {
      return await new Promise<T>((resolve, reject) => {
        const reader: Reader<T> = { take: resolve, fail: reject };
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

  /** Does nothing for a reader that was served. */
  #giveUp(reader: Reader<T>, reason: unknown): void {
    const at = this.#readers.indexOf(reader);
    if (at < 0) return;
    this.#readers.splice(at, 1);
    reader.fail(reason as Error);
  }
}
