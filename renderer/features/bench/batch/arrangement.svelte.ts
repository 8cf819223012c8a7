import type { PlaceId } from '../../../../app/place.ts';
import type { SlotMap, MappedSlot } from '../../../../app/bench/slot-map.ts';
import { maxColumns } from '../../../../app/bench/slot-map.ts';
import type { StationClient } from '../../../../app/contract/station-contract.ts';
import { Asking } from '../../../station/asking.svelte.ts';

/** A map while it is being arranged: shown at once, saved by the station. */
export class Arrangement {
  isOpen = $state(false);
  /** The port of the slot being dragged. */
  dragged: PlaceId | null = $state(null);
  readonly asking = new Asking();
  readonly #client: Pick<StationClient, 'call'>;
  readonly #map: () => SlotMap;

  constructor(client: Pick<StationClient, 'call'>, map: () => SlotMap) {
    this.#client = client;
    this.#map = map;
  }

  /** Moves a slot to the position of another; that one and those behind it move up. */
  async put(place: PlaceId, before: PlaceId): Promise<void> {
    const { slots } = this.#map();
    const from = slots.findIndex((slot) => slot.place === place);
    const to = slots.findIndex((slot) => slot.place === before);
    await this.#move(from, to);
  }

  /** Moves a slot by a number of positions. Returns its new one, counted from 1. */
  async step(place: PlaceId, by: number): Promise<number> {
    const { slots } = this.#map();
    const from = slots.findIndex((slot) => slot.place === place);
    const to = Math.min(slots.length - 1, Math.max(0, from + by));
    await this.#move(from, to);
    return to + 1;
  }

  async change(place: PlaceId, change: Partial<Pick<MappedSlot, 'name' | 'isIgnored'>>): Promise<void> {
    const map = this.#map();
    await this.#keep({
      ...map,
      slots: map.slots.map((slot) => (slot.place === place ? { ...slot, ...change } : slot)),
    });
  }

  /** 0: as many as fit. */
  async setColumns(columns: number): Promise<void> {
    const wanted = Math.min(maxColumns, Math.max(0, Math.round(columns)));
    await this.#keep({ ...this.#map(), columns: wanted === 0 ? null : wanted });
  }

  async forget(place: PlaceId): Promise<void> {
    await this.asking.run(() => this.#client.call('bench.forgetSlot', { place }));
  }

  async #move(from: number, to: number): Promise<void> {
    const map = this.#map();
    const slot = map.slots[from];
    if (slot === undefined || to < 0 || from === to) return;
    const slots = [...map.slots];
    slots.splice(from, 1);
    slots.splice(to, 0, slot);
    await this.#keep({ ...map, slots });
  }

  async #keep(map: SlotMap): Promise<void> {
    const slots = map.slots.map((slot) => ({ ...slot }));
    await this.asking.run(() => this.#client.call('bench.arrange', { columns: map.columns, slots }));
  }
}
