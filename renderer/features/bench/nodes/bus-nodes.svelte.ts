import type { BenchRecipe } from '../../../../app/bench/bench-recipe.ts';
import type { StationClient, StationOutput } from '../../../../app/contract/station-contract.ts';
import type { PlaceId } from '../../../../app/place.ts';
import { Asking } from '../../../station/asking.svelte.ts';
import { readBase64 } from '../../../ui/read-file.ts';

export type BusNode = StationOutput<'can.nodes'>['nodes'][number];

/** The nodes on the bus of one bridge, as far as they were looked for, and writing to them. */
export class BusNodes {
  /** What replied when it was last asked; null: not yet asked. */
  found: StationOutput<'can.nodes'> | null = $state.raw(null);
  /** The nodes that were written through this bridge, by the history. */
  recorded: StationOutput<'can.recorded'>['nodes'] = $state.raw([]);
  readonly asking = new Asking();
  readonly #client: StationClient;
  readonly #bridge: PlaceId;

  constructor(client: StationClient, bridge: PlaceId) {
    this.#client = client;
    this.#bridge = bridge;
  }

  /** The recorded nodes that did not reply, or were not asked. */
  get silent(): StationOutput<'can.recorded'>['nodes'] {
    const replied = this.found?.nodes ?? [];
    return this.recorded.filter((node) => replied.every(({ canbusUuid }) => canbusUuid !== node.canbusUuid));
  }

  async remember(): Promise<void> {
    const found = await this.asking.run(() => this.#client.call('can.recorded', { bridge: this.#bridge }));
    if (found !== null) this.recorded = found.nodes;
  }

  async look(): Promise<void> {
    const bridge = this.#bridge;
    const found = await this.asking.run(() => this.#client.call('can.nodes', { bridge }));
    if (found !== null) this.found = found;
  }

  /** Writes the Klipper of an armed recipe to a node; the work goes on as a job at its place. */
  async writeRecipe(place: PlaceId, { board, images, ...known }: BenchRecipe): Promise<void> {
    const { crystalHz, confirmedCrystalHz } = known;
    await this.asking.run(() =>
      this.#client.call('flash.start', {
        ...{ place, board, crystalHz, confirmReadUnprotect: false },
        images: { ...images, bootloader: null },
        confirmations: { chipMarking: null, crystalHz: confirmedCrystalHz },
      }),
    );
  }

  /** Writes Klipper from a file to a node; the work goes on as a job at its place. */
  async write(place: PlaceId, file: File): Promise<void> {
    await this.asking.run(async () => {
      const { record } = await this.#client.call('images.import', {
        name: file.name,
        base64: await readBase64(file),
      });
      const images = { bootloader: null, application: record.key };
      await this.#client.call('flash.start', { place, board: null, images, confirmReadUnprotect: false });
    });
  }
}
