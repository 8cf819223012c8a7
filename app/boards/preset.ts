import type { core } from 'zod/mini';
import { CanopusError } from '../errors.ts';
import { noBridgeSentence } from '../mcu/bridge.ts';
import { flashStartOf } from '../mcu/mcu.ts';
import { applicationOffsetOf } from './application-offset.ts';
import { chipConflict } from './preset-chips.ts';
import { meantReference, presetNamed, similarReference } from './preset-reference.ts';
import { presetSchema, type Preset, type PresetVariant } from './preset-schema.ts';

export interface PresetFile {
  /** `btt-octopus-v1.1.json`: the file has the name of the preset's id. */
  readonly name: string;
  readonly text: string;
}

/** Throws `preset/invalid` naming the file and the first field that is wrong. */
export function parsePreset(fileName: string, text: string): Preset {
  const preset = parsePresetText(fileName, text);
  if (fileName !== `${preset.id}.json`)
    throw invalidPreset(fileName, 'id', `is "${preset.id}", which is not the file's name`);
  return preset;
}

/** The same for a file of any name. */
export function parsePresetText(fileName: string, text: string): Preset {
  const json = parseJson(fileName, text);
  const parsed = presetSchema.safeParse(json);
  const issue = parsed.error?.issues[0];
  const noBridge = issue === undefined ? null : noBridgeSentence(textAt(json, issue.path));
  if (issue && noBridge !== null)
    throw invalidPreset(fileName, fieldPath(issue.path), `is no bridge. ${noBridge.replace(/\.$/, '')}`);
  if (issue) throw invalidPreset(fileName, fieldPath(issue.path), describeIssue(issue));
  if (!parsed.success) throw invalidPreset(fileName, '', 'does not fit the schema');
  const preset = parsed.data;
  checkReferences(fileName, preset);
  const conflict = chipConflict(preset);
  if (conflict !== null) throw invalidPreset(fileName, conflict.field, conflict.why);
  return preset;
}

/** All presets by name. Throws `preset/invalid`, also if two of them share an id or an alias. */
export function parsePresets(files: readonly PresetFile[]): readonly Preset[] {
  const presets = files.map((file) => parsePreset(file.name, file.text));
  const owners = new Map<string, string>();
  for (const preset of presets) {
    for (const [index, key] of [preset.id, ...preset.aliases].entries()) {
      const owner = owners.get(key.toLowerCase());
      const field = index === 0 ? 'id' : `aliases[${index - 1}]`;
      if (owner !== undefined)
        throw invalidPreset(`${preset.id}.json`, field, `"${key}" already belongs to ${owner}`);
      owners.set(key.toLowerCase(), preset.id);
    }
  }
  for (const { id, sharedNames = [] } of presets) {
    for (const [index, name] of sharedNames.entries()) {
      const owner = owners.get(name.toLowerCase());
      if (owner !== undefined)
        throw invalidPreset(`${id}.json`, `sharedNames[${index}]`, `"${name}" belongs to ${owner} alone`);
    }
  }
  return presets.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** A preset as it was requested: a whole board, or one variant of it. */
export interface PresetChoice {
  readonly preset: Preset;
  /** The possible variants: all, or the named one. */
  readonly variants: readonly PresetVariant[];
}

/**
 * The preset for `btt-octopus-v1.1` (id or alias, any case) or for one variant of it, `btt-octopus-v1.1:f446`. Throws
 * `preset/unknown` with the existing ones, and with the likely one if the colon is missing or a name is misspelt;
 * `preset/ambiguous` for a name that several boards share.
 */
export function findPreset(presets: readonly Preset[], reference: string): PresetChoice {
  const [board = '', variantId] = reference.toLowerCase().split(':');
  const preset = presetNamed(presets, board);
  if (preset === null) {
    const known = presets.map(({ id }) => id);
    const meant = meantReference(presets, reference);
    const hint = meant === null ? '' : ` A chip is named after a colon: ${meant}`;
    const noBridge = noBridgeSentence(/^f1\d\d/i.test(board) ? `stm32${board}` : board);
    const why = noBridge === null ? '' : ` ${noBridge}`;
    const message = `There is no board preset "${reference}".${hint}${why}`;
    const similar = similarReference(presets, board, variantId);
    throw new CanopusError('preset/unknown', message, { reference, known, meant, similar });
  }
  const variants = preset.variants.filter(({ id }) => variantId === undefined || id === variantId);
  if (variants.length === 0) {
    const noBridge = noBridgeSentence(`stm32${variantId ?? ''}`);
    const why = noBridge === null ? '' : ` ${noBridge}`;
    throw new CanopusError('preset/unknown', `${preset.name} has no variant "${variantId ?? ''}".${why}`, {
      reference,
      known: preset.variants.map(({ id }) => `${preset.id}:${id}`),
      similar: similarReference(presets, board, variantId),
    });
  }
  return { preset, variants };
}

/** The searchable part of a preset, also for one that came over the contract. */
interface SearchablePreset {
  readonly id: string;
  readonly name: string;
  readonly maker: string;
  readonly aliases: readonly string[];
  readonly sharedNames?: readonly string[] | undefined;
  readonly variants: readonly {
    readonly mcu: { readonly value: string };
    readonly markings: { readonly value: readonly string[] };
  }[];
}

/** Presets in which every word of the query occurs (name, maker, aliases, chip), those that begin with it first. */
export function searchPresets<P extends SearchablePreset>(
  presets: readonly P[],
  query: string,
): readonly P[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const found = presets.filter((preset) => words.every((word) => searchText(preset).includes(word)));
  const begins = (preset: P) => (preset.name.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  return found.toSorted((a, b) => begins(a) - begins(b) || a.name.localeCompare(b.name, 'en'));
}

/** Where Katapult starts the application of this chip: 0x08008000. */
export function applicationAddressOf(preset: Preset, variant: PresetVariant): number {
  return flashStartOf(variant.mcu.value) + applicationOffsetOf(preset, variant).value * 1024;
}

function searchText(preset: SearchablePreset): string {
  const chips = preset.variants.flatMap((variant) => [variant.mcu.value, ...variant.markings.value]);
  const names = [...preset.aliases, ...(preset.sharedNames ?? [])];
  return [preset.id, preset.name, preset.maker, ...names, ...chips].join(' ').toLowerCase();
}

/** What the schema cannot express: named sources and parts must exist, and variants must differ. */
function checkReferences(fileName: string, preset: Preset): void {
  const { sources, parts, ...values } = preset;
  for (const [path, key] of namedKeys(values, 'source', '')) {
    if (!Object.hasOwn(sources, key))
      throw invalidPreset(fileName, path, `"${key}" is not among the file's sources`);
  }
  for (const [path, key] of namedKeys(values, 'parts', '')) {
    if (!Object.hasOwn(parts, key))
      throw invalidPreset(fileName, path, `"${key}" is not among the file's parts`);
  }
  for (const [index, variant] of preset.variants.entries()) {
    const isTwin = preset.variants.slice(0, index).some(({ id }) => id === variant.id);
    if (isTwin) throw invalidPreset(fileName, `variants[${index}].id`, `"${variant.id}" occurs twice`);
  }
}

/** Every string under a property of this name, with its path. */
function namedKeys(value: unknown, name: string, path: string): [path: string, key: string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const innerPath = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    if (key !== name || Array.isArray(value)) return namedKeys(inner, name, innerPath);
    const strings: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
    return strings
      .filter((item) => typeof item === 'string')
      .map((item): [string, string] => [innerPath, item]);
  });
}

function parseJson(fileName: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CanopusError(
      'preset/invalid',
      `${fileName} is not JSON.`,
      { file: fileName, field: '' },
      { cause },
    );
  }
}

export function invalidPreset(file: string, field: string, problem: string): CanopusError {
  return new CanopusError('preset/invalid', `${file}: ${field === '' ? 'the file' : field} ${problem}.`, {
    file,
    field,
  });
}

/** The text at a path; empty if there is none. */
function textAt(value: unknown, path: readonly PropertyKey[]): string {
  const found = path.reduce(
    (inner: unknown, key) =>
      typeof inner === 'object' && inner !== null ? (Reflect.get(inner, key) as unknown) : undefined,
    value,
  );
  return typeof found === 'string' ? found : '';
}

/** `variants[0].crystalHz.value` */
function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function describeIssue(issue: core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be of type ${issue.expected}`;
    case 'unrecognized_keys':
      return `has unknown fields: ${issue.keys.join(', ')}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must be at least ${String(issue.minimum)} (or as long)`;
    case 'too_big':
      return `must be at most ${String(issue.maximum)} (or as long)`;
    case 'invalid_format':
      return `has the wrong format (${issue.format}${issue.pattern === undefined ? '' : ` ${issue.pattern}`})`;
    case 'custom':
      return issue.message;
    default:
      return `is not valid (${issue.code})`;
  }
}
