import type { Clock } from '../../../app/transport/clock.ts';

/**
 * One signal out of the things that end a wait: time where `limit` is given, the caller's signal, the link's end.
 * `dispose` lets go of all of them.
 */
export class WaitLimit {
  readonly #stop = new AbortController();
  readonly #release: (() => void)[] = [];

  constructor(
    signals: readonly (AbortSignal | undefined)[],
    limit?: { readonly clock: Clock; readonly timeoutMs: number; readonly error: () => Error },
  ) {
    for (const other of signals) {
      if (other === undefined) continue;
      if (other.aborted) this.#stop.abort(other.reason);
      const abort = () => this.#stop.abort(other.reason);
      other.addEventListener('abort', abort, { once: true });
      this.#release.push(() => other.removeEventListener('abort', abort));
    }
    if (limit === undefined) return;
    const timer = new AbortController();
    this.#release.push(() => timer.abort());
    limit.clock.sleep(limit.timeoutMs, timer.signal).then(
      () => this.#stop.abort(limit.error()),
      () => undefined,
    );
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  dispose(): void {
    for (const release of this.#release) release();
  }
}
