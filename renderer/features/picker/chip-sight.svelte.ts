import type { ChipSight } from '../../../app/chip/fitting-boards.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import type { PlaceId } from '../../../app/place.ts';
import { Asking } from '../../station/asking.svelte.ts';

/** The chip of the one board that is in DFU while a person chooses a board. */
export class ChipLook {
  /** Null until it was read, and if it is nowhere. */
  seen: { readonly place: PlaceId; readonly sight: ChipSight } | null = $state.raw(null);
  readonly asking = new Asking();
  readonly #client: StationClient;
  /** The board that was read last. */
  #boardId: string | null = null;

  constructor(client: StationClient) {
    this.#client = client;
  }

  /** Reads the board once each time it is plugged in; null: there is none, or there are several. */
  async follow(board: { readonly id: string; readonly place: PlaceId | null } | null): Promise<void> {
    if (board?.id === this.#boardId) return;
    this.#boardId = board?.id ?? null;
    this.seen = null;
    this.asking.error = null;
    const place = board?.place ?? null;
    if (board === null || place === null) return;
    const sight = await this.asking.run(() => this.#client.call('flash.chip', { place }));
    if (sight !== null && this.#boardId === board.id) this.seen = { place, sight };
  }
}
