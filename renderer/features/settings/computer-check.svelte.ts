import type { StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { Asking } from '../../station/asking.svelte.ts';

/** The station's last check of its computer. */
export class ComputerCheck {
  checks: StationOutput<'doctor.run'> | null = $state.raw(null);
  about: StationOutput<'app.about'> | null = $state.raw(null);
  readonly asking = new Asking();
  readonly #client: StationClient;

  constructor(client: StationClient) {
    this.#client = client;
  }

  async look(): Promise<void> {
    await this.asking.run(async () => {
      this.about = await this.#client.call('app.about', null);
      this.checks = await this.#client.call('doctor.run', { surface: 'window' });
    });
  }
}
