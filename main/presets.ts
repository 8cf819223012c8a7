import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePresets, type PresetFile } from '../app/boards/preset.ts';
import type { Preset } from '../app/boards/preset-schema.ts';
import { resourcesDirectory } from './resources.ts';

/** All presets of resources/boards. Throws `preset/invalid` with the file and the field that is wrong. */
export async function loadPresets(
  directory = join(resourcesDirectory(), 'boards'),
): Promise<readonly Preset[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json'));
  const files = names.map(async (name): Promise<PresetFile> => ({
    name,
    text: await readFile(join(directory, name), 'utf8'),
  }));
  return parsePresets(await Promise.all(files));
}
