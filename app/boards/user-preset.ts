import { CanopusError } from '../errors.ts';
import { invalidPreset, parsePresetText } from './preset.ts';
import type { Preset } from './preset-schema.ts';

/** Several times the largest that Canopus comes with, and no work to read. */
export const maxPresetBytes = 64 * 1024;

/** A preset is at most half as deep. */
const maxDepth = 16;

/** Names that Windows keeps for devices, whatever their suffix (Microsoft, "Naming Files, Paths, and Namespaces"). */
const deviceName = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/**
 * A preset that a person brings, by the same schema as those that Canopus comes with, in a file of any name. Throws
 * `preset/invalid`, also for a file that is too large or too deep to be one.
 */
export function parseUserPreset(fileName: string, text: string): Preset {
  if (text.length > maxPresetBytes)
    throw invalidPreset(fileName, '', `has more than ${maxPresetBytes / 1024} KiB`);
  if (depthOf(text) > maxDepth) throw invalidPreset(fileName, '', 'is nested too deeply');
  const preset = parsePresetText(fileName, text.replace(/^\ufeff/, ''));
  if (deviceName.test(preset.id))
    throw invalidPreset(fileName, 'id', `is "${preset.id}", which no file can be called on Windows`);
  return preset;
}

/**
 * Throws `preset/taken` if a name of this preset belongs to another one: to one that Canopus comes with, which is never
 * replaced, or to one of the user's with another id.
 */
export function refuseTaken(preset: Preset, others: readonly Preset[]): void {
  const namesOf = ({ id, aliases }: Preset) => [id, ...aliases].map((name) => name.toLowerCase());
  const mine = [...namesOf(preset), ...(preset.sharedNames ?? []).map((name) => name.toLowerCase())];
  for (const other of others) {
    const theirs = namesOf(other);
    const name = mine.find((each) => theirs.includes(each));
    const shared = (other.sharedNames ?? []).map((each) => each.toLowerCase());
    const taken = name ?? namesOf(preset).find((each) => shared.includes(each));
    if (taken === undefined) continue;
    const message = `"${taken}" already belongs to ${other.name} (${other.id}).`;
    throw new CanopusError('preset/taken', message, { name: taken, owner: other.id });
  }
}

/** How deep brackets nest, of JSON or of anything else, without recursion. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString && character === '\\') at++;
    else if (character === '"') inString = !inString;
    else if (!inString && (character === '{' || character === '[')) deepest = Math.max(deepest, ++depth);
    else if (!inString && (character === '}' || character === ']')) depth--;
  }
  return deepest;
}
