import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LiveTable } from '../../app/contract/live-table.ts';
import type { StationInput } from '../../app/contract/station-contract.ts';
import { readSettings, type ReadSettings, type Settings } from '../../app/settings/settings.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { toFileError } from '../files/file-errors.ts';

/** The settings of a station, in `settings.json` of its data folder. */
export class SettingsStore {
  readonly #table = new LiveTable<{ readonly id: 'settings'; readonly settings: Settings }>();
  readonly #listeners = new Set<(settings: Settings) => void>();
  readonly #file: string;
  readonly #others: ReadSettings['others'];
  #current: Settings;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(file: string, { settings, others }: ReadSettings) {
    this.#file = file;
    this.#others = others;
    this.#current = settings;
    this.#publish(settings);
  }

  /** Never fails for what is in the file: what cannot be read is told, and the defaults stand in. */
  static async open(folder: string, onUnread: (error: unknown) => void): Promise<SettingsStore> {
    const file = join(folder, 'settings.json');
    const read = readSettings(await stored(file, onUnread));
    if (read.refused.length > 0) onUnread(new Error(`${file} has no usable ${read.refused.join(', ')}`));
    return new SettingsStore(file, read);
  }

  get current(): Settings {
    return this.#current;
  }

  /** Calls the listener after every change, until the returned function is called. */
  onChange(listener: (settings: Settings) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The settings as they are, then as they become, until the signal is aborted. */
  async *follow(signal: AbortSignal): AsyncGenerator<Settings, void, void> {
    for await (const event of this.#table.follow(signal)) {
      if (event.type === 'all') yield this.#current;
      else if (event.type === 'item') yield event.item.settings;
    }
  }

  /** Keeps the change on disk, then tells everybody. Rejects with `file/…`; nothing has changed then. */
  set(change: StationInput<'settings.set'>): Promise<Settings> {
    const done = this.#writing.then(() => this.#set(change));
    this.#writing = done.catch(() => undefined);
    return done;
  }

  async #set(change: StationInput<'settings.set'>): Promise<Settings> {
    const { settings: next } = readSettings({ ...this.#current, ...change });
    const text = `${JSON.stringify({ ...this.#others, ...next }, null, 2)}\n`;
    try {
      await mkdir(dirname(this.#file), { recursive: true });
      await writeFileAtomically(this.#file, Buffer.from(text));
    } catch (error) {
      throw toFileError(error, this.#file, 'write');
    }
    this.#current = next;
    this.#publish(next);
    for (const listener of this.#listeners) listener(next);
    return next;
  }

  #publish(settings: Settings): void {
    this.#table.set({ id: 'settings', settings });
  }
}

/** What the file says; a file that is no JSON is put aside rather than written over. */
async function stored(file: string, onUnread: (error: unknown) => void): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const read = toFileError(error, file, 'read');
    if (read.code !== 'file/missing') onUnread(read);
    return {};
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    onUnread(error);
    await rename(file, `${file}.unreadable`).catch(onUnread);
    return {};
  }
}
