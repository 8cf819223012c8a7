import { maxPresetBytes } from '../../../app/boards/user-preset.ts';
import type { PresetView } from '../../../app/contract/station-contract.ts';
import { Asking } from '../../station/asking.svelte.ts';
import type { StationState } from '../../station/station.svelte.ts';
import { keepFile } from '../../station/keep-file.ts';

/** The boards that a person adds to those that Canopus comes with, as files to share. */
export class OwnBoards {
  readonly asking = new Asking();
  readonly #station: Pick<StationState, 'client' | 'info' | 'presets'>;

  constructor(station: Pick<StationState, 'client' | 'info' | 'presets'>) {
    this.#station = station;
  }

  /** Adds the boards of these files; returns the last one, null if one was refused. */
  async add(files: readonly Blob[]): Promise<PresetView | null> {
    const { client } = this.#station;
    let added: PresetView | null = null;
    for (const file of files) {
      const name = file instanceof File ? file.name : '';
      // One byte too many is refused like a huge file.
      const text = (await file.slice(0, maxPresetBytes + 1).text()).slice(0, maxPresetBytes + 1);
      added = await this.asking.run(() => client.call('presets.add', { name, text, replace: false }));
      if (added === null) return null;
      await this.#look();
    }
    return added;
  }

  async remove(id: string): Promise<void> {
    const { client } = this.#station;
    await this.asking.run(() => client.call('presets.remove', { id }));
    await this.#look();
  }

  async save(id: string): Promise<void> {
    const { client } = this.#station;
    const file = await this.asking.run(() => client.call('presets.export', { id }));
    if (file === null) return;
    const blob = new Blob([file.text], { type: 'application/json' });
    await this.asking.run(() => keepFile(this.#station, file.fileName, blob));
  }

  async #look(): Promise<void> {
    this.#station.presets = await this.#station.client.call('presets.list', null);
  }
}
