import type { HostEvent } from '../../station/host-features.ts';

/** Events for current listeners; without one they are dropped. */
export class Tellable {
  readonly #listeners = new Set<(event: HostEvent) => void>();

  tell(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async *follow(signal: AbortSignal): AsyncGenerator<HostEvent, void, void> {
    const heard: HostEvent[] = [];
    let wake: () => void = () => undefined;
    const listener = (event: HostEvent): void => {
      heard.push(event);
      wake();
    };
    const onAbort = (): void => wake();
    this.#listeners.add(listener);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const next = heard.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener('abort', onAbort);
    }
  }
}
