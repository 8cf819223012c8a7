import type { StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { Asking } from '../../station/asking.svelte.ts';
import type { BoardChoice } from '../picker/picker.svelte.ts';
import { keepSources, readKeptSources, type Sources } from './kept-sources.ts';

/** What to build, and the build that was started. */
export class BuildForm {
  readonly sources: Sources = $state(readKeptSources());
  jobId: string | null = $state(null);
  toolchain: StationOutput<'builds.toolchain'> | null = $state.raw(null);
  readonly asking = new Asking();
  readonly #client: StationClient;

  constructor(client: StationClient) {
    this.#client = client;
  }

  async lookAtToolchain(): Promise<void> {
    this.toolchain = await this.asking.run(() => this.#client.call('builds.toolchain', { on: null }));
  }

  async start(board: BoardChoice, canPins: readonly [string, string] | null): Promise<void> {
    const { katapult, klipper } = this.sources;
    keepSources(this.sources);
    const { presetId, variantId } = board;
    const order = {
      board: { presetId, variantId },
      katapult: katapult.trim(),
      klipper: klipper.trim(),
      // Null: the bit rate from the settings.
      bitrateBps: null,
      role: null,
      canPins,
      on: 'local',
      confirmed: false,
      crystalHz: null,
      applicationOffset: null,
      extra: { katapult: {}, klipper: {} },
      whilePrinting: false,
    };
    const started = await this.asking.run(() => this.#client.call('builds.start', order));
    if (started !== null) this.jobId = started.jobId;
  }
}
