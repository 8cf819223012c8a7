import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { presetNamed } from '../app/boards/preset-reference.ts';
import type { KnownPreset, Preset } from '../app/boards/preset-schema.ts';
import { maxPresetBytes, parseUserPreset, refuseTaken } from '../app/boards/user-preset.ts';
import { CanopusError, toCanopusError } from '../app/errors.ts';
import { writeFileAtomically } from './files/atomic-file.ts';
import { systemErrorCode, toFileError } from './files/file-errors.ts';
import { readBeginning } from './files/read-beginning.ts';
import { loadPresets } from './presets.ts';
import { makeFolder } from './files/make-folder.ts';

interface RefusedFile {
  readonly file: string;
  readonly message: string;
}

/** More files than a person keeps; the others are named as refused. */
const maxFiles = 500;

/**
 * The boards of a station: those that Canopus comes with, and those in the folder `boards` of its data. A bad file there
 * is refused by name and costs no other board; none takes the place of one that Canopus comes with.
 */
export class PresetStore {
  /** The folder of the boards that were added. */
  readonly folder: string;
  /** By name; always the same array, which holders see changing. */
  readonly all: readonly KnownPreset[];
  readonly #all: KnownPreset[] = [];
  readonly #builtIn: readonly Preset[];
  /** By id; a file that a person put into the folder has a name of its own. */
  readonly #own = new Map<string, { readonly preset: Preset; readonly path: string }>();
  #refused: readonly RefusedFile[] = [];

  private constructor(folder: string, builtIn: readonly Preset[]) {
    this.folder = folder;
    this.all = this.#all;
    this.#builtIn = builtIn;
  }

  static async open(dataFolder: string): Promise<PresetStore> {
    const store = new PresetStore(join(dataFolder, 'boards'), await loadPresets());
    await store.#readFolder();
    return store;
  }

  get refused(): readonly RefusedFile[] {
    return this.#refused;
  }

  /** Adds a board and keeps it. Throws `preset/invalid`, `preset/taken`, `file/…`. */
  async add(name: string, text: string, replace: boolean): Promise<KnownPreset> {
    const preset = parseUserPreset(name, text);
    const before = this.#own.get(preset.id);
    refuseTaken(preset, [...this.#builtIn, ...this.#ownPresets().filter(({ id }) => id !== preset.id)]);
    if (before !== undefined && !replace) {
      const message = `You have added a board "${preset.id}" already.`;
      throw new CanopusError('preset/taken', message, { name: preset.id, owner: preset.id, own: true });
    }
    const path = before?.path ?? join(this.folder, `${preset.id}.json`);
    await makeFolder(this.folder).catch((error: unknown) => {
      throw toFileError(error, this.folder, 'write');
    });
    await writeFileAtomically(path, new TextEncoder().encode(textOf(preset)));
    this.#own.set(preset.id, { preset, path });
    this.#gather();
    return known(preset);
  }

  /** Removes a board that was added. Throws `preset/unknown`, `preset/built-in`. */
  async remove(id: string): Promise<void> {
    const preset = this.#named(id);
    const own = this.#own.get(preset.id);
    if (own === undefined) {
      throw new CanopusError('preset/built-in', `${preset.name} comes with Canopus.`, { preset: preset.id });
    }
    await rm(own.path, { force: true }).catch((error: unknown) => {
      throw toFileError(error, own.path, 'write');
    });
    this.#own.delete(preset.id);
    this.#gather();
  }

  /** A board as a file to share. Throws `preset/unknown`. */
  export(id: string): { fileName: string; text: string } {
    const preset = this.#named(id);
    return { fileName: `${preset.id}.json`, text: textOf(preset) };
  }

  #named(id: string): Preset {
    const preset = presetNamed(this.#all, id);
    if (preset !== null) return preset;
    const known = this.#all.map((each) => each.id);
    throw new CanopusError('preset/unknown', `There is no board preset "${id}".`, { reference: id, known });
  }

  #ownPresets(): readonly Preset[] {
    return [...this.#own.values()].map(({ preset }) => preset);
  }

  async #readFolder(): Promise<void> {
    const refused: RefusedFile[] = [];
    const names = await readdir(this.folder).catch(() => []);
    const files = names.filter((name) => /\.json$/i.test(name)).sort();
    for (const file of files.slice(maxFiles))
      refused.push({ file, message: `There are more than ${maxFiles}.` });
    for (const file of files.slice(0, maxFiles)) {
      try {
        const path = join(this.folder, file);
        const preset = parseUserPreset(file, await readPreset(path, file));
        refuseTaken(preset, [...this.#builtIn, ...this.#ownPresets()]);
        this.#own.set(preset.id, { preset, path });
      } catch (error) {
        refused.push({ file, message: toCanopusError(error).message });
      }
    }
    this.#refused = refused;
    this.#gather();
  }

  #gather(): void {
    const all = [...this.#builtIn, ...this.#ownPresets().map(known)];
    this.#all.splice(0, Infinity, ...all.sort((a, b) => a.name.localeCompare(b.name, 'en')));
  }
}

/** Reads no more of a file than a preset can have. */
async function readPreset(path: string, name: string): Promise<string> {
  try {
    return await readBeginning(path, maxPresetBytes + 1);
  } catch (error) {
    throw new CanopusError(
      'file/missing',
      `${name} cannot be read (${systemErrorCode(error) ?? 'unknown'}).`,
      {
        file: path,
      },
    );
  }
}

function known(preset: Preset): KnownPreset {
  return { ...preset, isUsers: true };
}

function textOf(preset: Preset): string {
  const { isUsers: _, ...file }: KnownPreset = preset;
  return `${JSON.stringify(file, null, 2)}\n`;
}
