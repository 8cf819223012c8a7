import type { SlotMap, SlotPlace } from '../../../../app/bench/slot-map.ts';
import { maxColumns } from '../../../../app/bench/slot-map.ts';
import type { StationClient } from '../../../../app/contract/station-contract.ts';
import { Asking } from '../../../station/asking.svelte.ts';

/** A map while it is being arranged: shown at once, saved by the station. */
export class Arrangement {
  isOpen = $state(false);
  /** The port of the slot being dragged. */
  dragged: string | null = $state(null);
  readonly asking = new Asking();
  readonly #client: Pick<StationClient, 'call'>;
  readonly #map: () => SlotMap;

  constructor(client: Pick<StationClient, 'call'>, map: () => SlotMap) {
    this.#client = client;
    this.#map = map;
  }

  /** Moves a slot to the place of another; that one and those behind it move up. */
  async put(portPath: string, before: string): Promise<void> {
    const { places } = this.#map();
    const from = places.findIndex((place) => place.portPath === portPath);
    const to = places.findIndex((place) => place.portPath === before);
    await this.#move(from, to);
  }

  /** Moves a slot by a number of places. Returns its new place, counted from 1. */
  async step(portPath: string, by: number): Promise<number> {
    const { places } = this.#map();
    const from = places.findIndex((place) => place.portPath === portPath);
    const to = Math.min(places.length - 1, Math.max(0, from + by));
    await this.#move(from, to);
    return to + 1;
  }

  async change(portPath: string, change: Partial<Pick<SlotPlace, 'name' | 'isIgnored'>>): Promise<void> {
    const map = this.#map();
    await this.#keep({
      ...map,
      places: map.places.map((place) => (place.portPath === portPath ? { ...place, ...change } : place)),
    });
  }

  /** 0: as many as fit. */
  async setColumns(columns: number): Promise<void> {
    const wanted = Math.min(maxColumns, Math.max(0, Math.round(columns)));
    await this.#keep({ ...this.#map(), columns: wanted === 0 ? null : wanted });
  }

  async forget(portPath: string): Promise<void> {
    await this.asking.run(() => this.#client.call('bench.forgetSlot', { portPath }));
  }

  async #move(from: number, to: number): Promise<void> {
    const map = this.#map();
    const place = map.places[from];
    if (place === undefined || to < 0 || from === to) return;
    const places = [...map.places];
    places.splice(from, 1);
    places.splice(to, 0, place);
    await this.#keep({ ...map, places });
  }

  async #keep(map: SlotMap): Promise<void> {
    const places = map.places.map((place) => ({ ...place }));
    await this.asking.run(() => this.#client.call('bench.arrange', { columns: map.columns, places }));
  }
}
