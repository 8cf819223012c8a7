import type { Clock } from '../../../app/transport/clock.ts';

/** Why the timer stops when the wait is over. One for all: an abort without a reason makes an exception each time. */
const over = new Error('The wait is over.');

/**
 * One signal out of the things that end a wait: time where `limit` is given, the caller's signal, the link's end.
 * `dispose` lets go of all of them. There are thousands of waits in a second, so it makes one controller at most.
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
    // Stops the timer; whoever waited has been served.
    this.#stop?.abort(over);
  }
}
