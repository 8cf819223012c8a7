/**
 * One value that any number of subscribers follow. A slow subscriber gets the newest value, not every one in between,
 * so nothing piles up.
 */
export class LiveValue<V> {
  #current: V;
  #changes = 0;
  readonly #wakes = new Set<() => void>();

  constructor(value: V) {
    this.#current = value;
  }

  get current(): V {
    return this.#current;
  }

  set(value: V): void {
    this.#current = value;
    this.#changes += 1;
    for (const wake of this.#wakes) wake();
  }

  /** The value now, then after each change, until the signal is aborted. */
  async *follow(signal: AbortSignal): AsyncGenerator<V, void, void> {
    let wake = (): void => undefined;
    const wakeUp = (): void => wake();
    this.#wakes.add(wakeUp);
    signal.addEventListener('abort', wakeUp, { once: true });
    let seen = -1;
    try {
      while (!signal.aborted) {
        if (seen !== this.#changes) {
          seen = this.#changes;
          yield this.#current;
          continue;
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#wakes.delete(wakeUp);
      signal.removeEventListener('abort', wakeUp);
    }
  }
}
