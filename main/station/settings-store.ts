import { join } from 'node:path';
import * as z from 'zod/mini';
import { LiveValue } from '../../app/contract/live-value.ts';
import type { StationInput } from '../../app/contract/station-contract.ts';
import {
  defaultSettings,
  readSettings,
  type ReadSettings,
  type Settings,
} from '../../app/settings/settings.ts';
import { JsonStore, type JsonFormat } from '../files/json-store.ts';

type KeptSettings = Pick<ReadSettings, 'settings' | 'others'>;

const format: JsonFormat<KeptSettings> = {
  empty: { settings: defaultSettings, others: {} },
  read(json, setAside) {
    const { refused, ...kept } = readSettings(z.record(z.string(), z.unknown()).parse(json));
    for (const [name, value] of Object.entries(refused))
      setAside({ [name]: value }, `This version does not accept this value for "${name}".`);
    return kept;
  },
  write: ({ settings, others }) => ({ ...others, ...settings }),
};

/** The settings of a station, in `settings.json` of its data folder. */
export class SettingsStore {
  readonly #live: LiveValue<Settings>;
  readonly #listeners = new Set<(settings: Settings) => void>();
  readonly #file: JsonStore<KeptSettings>;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(file: JsonStore<KeptSettings>) {
    this.#file = file;
    this.#live = new LiveValue(this.current);
  }

  /** Never throws for the file's content: what cannot be read is reported, and the defaults are used. */
  static async open(folder: string, onUnread: (error: unknown) => void): Promise<SettingsStore> {
    const path = join(folder, 'settings.json');
    return new SettingsStore(await JsonStore.open({ path, format, report: onUnread }));
  }

  get current(): Settings {
    return this.#file.current.settings;
  }

  /** Calls the listener after every change, until the returned function is called. */
  onChange(listener: (settings: Settings) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The settings now, then after each change, until the signal is aborted. */
  follow(signal: AbortSignal): AsyncGenerator<Settings, void, void> {
    return this.#live.follow(signal);
  }

  /** Saves the change on disk, then notifies everyone. Throws `file/…`; nothing has changed then. */
  set(change: StationInput<'settings.set'>): Promise<Settings> {
    const done = this.#writing.then(() => this.#set(change));
    this.#writing = done.catch(() => undefined);
    return done;
  }

  async #set(change: StationInput<'settings.set'>): Promise<Settings> {
    const { settings: next } = readSettings({ ...this.current, ...change });
    await this.#file.save({ ...this.#file.current, settings: next });
    this.#live.set(next);
    for (const listener of this.#listeners) listener(next);
    return next;
  }
}
