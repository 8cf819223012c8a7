import type { Clock } from '../../../app/transport/clock.ts';

/** Real timers are no finer than this; shorter waits are carried over to the next piece of work. */
const finestWaitMs = 1;

/**
 * Does one thing after another, like a processor or a bus. Work takes its time times `scale`; a scale of 0 takes none.
 * Many short pieces together take as long as they should, even on a clock with coarse timers.
 */
export class Timeline {
  readonly #clock: Clock;
  readonly #scale: number;
  #freeAtMs = 0;

  constructor(clock: Clock, scale: number) {
    this.#clock = clock;
    this.#scale = scale;
  }

  /** Resolves when `ms` of work are done. On abort it throws the signal's reason at once. */
  async occupy(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const nowMs = this.#clock.nowMs();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + ms * this.#scale;
    const waitMs = this.#freeAtMs - nowMs;
    if (waitMs >= finestWaitMs) await this.#clock.sleep(waitMs, signal);
  }

  /** The part of a piece of work of `ms` that is done after it began at `startMs`: 0 to 1. */
  share(startMs: number, ms: number): number {
    const scaledMs = ms * this.#scale;
    return scaledMs === 0 ? 0 : Math.min(1, (this.#clock.nowMs() - startMs) / scaledMs);
  }
}
