/** What a subscriber to a live table gets. `all` comes first. */
export type TableEvent<V> =
  | { readonly type: 'all'; readonly items: readonly V[] }
  | { readonly type: 'item'; readonly item: V }
  | { readonly type: 'gone'; readonly id: string };

/** The items that an event of a table has: all of them, the one that changed, or none. */
export function itemsOf<V>(event: TableEvent<V>): readonly V[] {
  if (event.type === 'gone') return [];
  return event.type === 'all' ? event.items : [event.item];
}

interface Subscriber {
  readonly changed: Set<string>;
  /** The only id that the subscriber follows; null: all. */
  readonly only: string | null;
  wake: (() => void) | null;
}

/**
 * Values by id that any number of subscribers follow. A slow subscriber gets the newest value of each id once, not
 * every value in between, so nothing piles up.
 */
export class LiveTable<V extends { readonly id: string }> {
  readonly #values = new Map<string, V>();
  readonly #subscribers = new Set<Subscriber>();

  get(id: string): V | null {
    return this.#values.get(id) ?? null;
  }

  all(): readonly V[] {
    return [...this.#values.values()];
  }

  set(value: V): void {
    this.#values.set(value.id, value);
    this.#tell(value.id);
  }

  delete(id: string): void {
    if (this.#values.delete(id)) this.#tell(id);
  }

  /** Until the signal is aborted. */
  follow(signal: AbortSignal): AsyncGenerator<TableEvent<V>, void, void> {
    return this.#follow(signal, null);
  }

  /** One value now, then after each change, until it is removed or the signal is aborted. */
  async *followItem(id: string, signal: AbortSignal): AsyncGenerator<V, void, void> {
    for await (const { type } of this.#follow(signal, id)) {
      const value = type === 'gone' ? null : this.get(id);
      if (value === null) return;
      yield value;
    }
  }

  async *#follow(signal: AbortSignal, only: string | null): AsyncGenerator<TableEvent<V>, void, void> {
    const own: Subscriber = { changed: new Set(), only, wake: null };
    const onAbort = (): void => own.wake?.();
    this.#subscribers.add(own);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      yield { type: 'all', items: this.all() };
      while (!signal.aborted) {
        const [id] = own.changed;
        if (id === undefined) {
          await new Promise<void>((resolve) => {
            own.wake = resolve;
          });
          own.wake = null;
          continue;
        }
        own.changed.delete(id);
        const item = this.#values.get(id);
        yield item === undefined ? { type: 'gone', id } : { type: 'item', item };
      }
    } finally {
      this.#subscribers.delete(own);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #tell(id: string): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.only !== null && subscriber.only !== id) continue;
      subscriber.changed.add(id);
      subscriber.wake?.();
    }
  }
}
