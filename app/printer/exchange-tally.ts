import type { Tally } from './examination.ts';

/** Counts the exchanges with one node. */
export class ExchangeTally {
  #requests = 0;
  readonly #latenciesMs: number[] = [];

  /** Null: no reply. */
  add(latencyMs: number | null): void {
    this.#requests += 1;
    if (latencyMs !== null) this.#latenciesMs.push(latencyMs);
  }

  get lost(): number {
    return this.#requests - this.#latenciesMs.length;
  }

  get counts(): Tally {
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b);
    return {
      requests: this.#requests,
      replies: sorted.length,
      medianMs: sorted[Math.floor((sorted.length - 1) / 2)] ?? null,
      worstMs: sorted.at(-1) ?? null,
    };
  }
}
