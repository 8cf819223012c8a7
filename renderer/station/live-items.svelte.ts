import type { TableEvent } from '../../app/contract/live-table.ts';

class Cell<V> {
  value = $state.raw() as V;

  constructor(value: V) {
    this.value = value;
  }
}

/** The page's copy of a live table of the station. A change of one item updates only what shows that item. */
export class LiveItems<V extends { readonly id: string }> {
  ids: readonly string[] = $state.raw([]);
  /** False until the station has sent the table. */
  isKnown = $state(false);
  // Each cell is reactive by itself; a reactive map would update every reader on any change.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #cells = new Map<string, Cell<V>>();

  get(id: string): V | null {
    // The item may appear later: the read makes it a dependency.
    return (this.#cells.get(id) ?? (this.ids.includes(id) ? this.#cells.get(id) : undefined))?.value ?? null;
  }

  get all(): readonly V[] {
    return this.ids.flatMap((id) => this.get(id) ?? []);
  }

  take(event: TableEvent<V>): void {
    if (event.type === 'all') {
      this.#cells.clear();
      for (const item of event.items) this.#cells.set(item.id, new Cell(item));
      this.ids = [...this.#cells.keys()];
      this.isKnown = true;
    } else if (event.type === 'gone') {
      if (this.#cells.delete(event.id)) this.ids = [...this.#cells.keys()];
    } else {
      const cell = this.#cells.get(event.item.id);
      if (cell !== undefined) {
        cell.value = event.item;
        return;
      }
      this.#cells.set(event.item.id, new Cell(event.item));
      this.ids = [...this.#cells.keys()];
    }
  }
}
