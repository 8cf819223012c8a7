import type { Clock } from '../../../app/transport/clock.ts';

/**
 * The reason for stopping the timer after a wait. One instance for all: an abort without a reason creates an exception
 * each time.
 */
const over = new Error('The wait is over.');

/**
 * One signal for everything that ends a wait: a time-out if `limit` is given, the caller's signal, the end of the link.
 * `dispose` releases them all. There are thousands of waits per second, so it creates at most one controller.
 */
export class WaitLimit {
  readonly signal: AbortSignal;
  readonly #stop: AbortController | null;
  readonly #release: (() => void)[] = [];

  constructor(
    given: readonly (AbortSignal | undefined)[],
    limit?: { readonly clock: Clock; readonly timeoutMs: number; readonly error: () => Error },
  ) {
    const signals = given.filter((signal) => signal !== undefined);
    const [only] = signals;
    if (limit === undefined && signals.length === 1 && only !== undefined) {
      this.#stop = null;
      this.signal = only;
      return;
    }
    const stop = new AbortController();
    this.#stop = stop;
    this.signal = stop.signal;
    for (const other of signals) {
      if (other.aborted) stop.abort(other.reason);
      const abort = () => stop.abort(other.reason);
      other.addEventListener('abort', abort, { once: true });
      this.#release.push(() => other.removeEventListener('abort', abort));
    }
    limit?.clock.sleep(limit.timeoutMs, stop.signal).then(
      () => stop.abort(limit.error()),
      () => undefined,
    );
  }

  dispose(): void {
    for (const release of this.#release) release();
    // Stops the timer after the wait.
    this.#stop?.abort(over);
  }
}
