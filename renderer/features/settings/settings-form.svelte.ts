import type { StationInput } from '../../../app/contract/station-contract.ts';
import type { Settings } from '../../../app/settings/settings.ts';
import { Asking } from '../../station/asking.svelte.ts';
import type { StationState } from '../../station/station.svelte.ts';

/** The usual values to choose from, plus an unusual one that a settings file contains. */
export function choices(usual: readonly number[], current: number): readonly number[] {
  return usual.includes(current) ? usual : [...usual, current].sort((a, b) => a - b);
}

/** The settings of the station, changed one by one; the form shows a change once the station has saved it. */
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
