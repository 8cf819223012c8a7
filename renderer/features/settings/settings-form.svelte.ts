import type { StationInput } from '../../../app/contract/station-contract.ts';
import type { Settings } from '../../../app/settings/settings.ts';
import { Asking } from '../../station/asking.svelte.ts';
import type { StationState } from '../../station/station.svelte.ts';

/** A choice among the usual values; a value that a file brought stays one of them. */
export function choices(usual: readonly number[], current: number): readonly number[] {
  return usual.includes(current) ? usual : [...usual, current].sort((a, b) => a - b);
}

/** The settings of the station, changed one by one; what is shown follows when the station has kept it. */
export class SettingsForm {
  readonly asking = new Asking();
  readonly #station: StationState;

  constructor(station: StationState) {
    this.#station = station;
  }

  get current(): Settings {
    return this.#station.settings;
  }

  async change(change: StationInput<'settings.set'>): Promise<void> {
    await this.asking.run(() => this.#station.client.call('settings.set', change));
  }
}
