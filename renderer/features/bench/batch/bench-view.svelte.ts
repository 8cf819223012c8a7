import type { StationEvent } from '../../../../app/contract/station-contract.ts';

export const benchViews = ['cards', 'map'] as const;
type BenchViewName = (typeof benchViews)[number];

const key = 'canopus.bench.view';

/** The view of the bench: cards, or the map of slots, which opens by default for a batch. */
export class BenchView {
  isArming = $state(false);
  #chosen: BenchViewName | null = $state(null);

  constructor() {
    const kept = sessionStorage.getItem(key);
    this.#chosen = benchViews.find((name) => name === kept) ?? null;
  }

  choose(name: BenchViewName): void {
    this.#chosen = name;
    sessionStorage.setItem(key, name);
  }

  showsMap(session: StationEvent<'bench.session'> | null): boolean {
    return this.#chosen === null ? (session?.recipes.length ?? 0) > 0 : this.#chosen === 'map';
  }
}
