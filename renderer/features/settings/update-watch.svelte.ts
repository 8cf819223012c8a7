import type { StationClient, StationEvent } from '../../../app/contract/station-contract.ts';
import { isCanopusError } from '../../../app/errors.ts';
import { Asking } from '../../station/asking.svelte.ts';

/** The state of updates, while it is shown. */
export class UpdateWatch {
  state: StationEvent<'updates.watch'> | null = $state.raw(null);
  readonly asking = new Asking();
  readonly #client: StationClient;
  readonly #stop = new AbortController();

  constructor(client: StationClient) {
    this.#client = client;
    void this.#follow();
  }

  close(): void {
    this.#stop.abort();
  }

  async check(): Promise<void> {
    await this.asking.run(() => this.#client.call('updates.check', null));
  }

  async install(): Promise<void> {
    await this.asking.run(() => this.#client.call('updates.install', null));
  }

  async #follow(): Promise<void> {
    try {
      const { signal } = this.#stop;
      for await (const state of this.#client.stream('updates.watch', null, { signal })) this.state = state;
    } catch (error) {
      if (!isCanopusError(error, 'cancelled') && !isCanopusError(error, 'contract/disconnected')) throw error;
    }
  }
}
