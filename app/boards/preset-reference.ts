import { CanopusError } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import type { Preset } from './preset-schema.ts';

/** The fields in which a reference to a preset is looked up. */
type NamedPreset = Pick<Preset, 'id' | 'name' | 'aliases' | 'sharedNames'> & {
  readonly variants: readonly { readonly id: string }[];
};

/**
 * The preset of a name: its id or alias in any case, or the name that several boards share if only one has it. Null if
 * there is none. Throws `preset/ambiguous` for a name that several boards share.
 */
export function presetNamed<P extends NamedPreset>(presets: readonly P[], name: string): P | null {
  const wanted = name.toLowerCase();
  const has = (names: readonly string[]) => names.some((each) => each.toLowerCase() === wanted);
  const own = presets.find(({ id, aliases }) => id === wanted || has(aliases));
  if (own !== undefined) return own;
  const sharing = presets.filter(({ sharedNames = [] }) => has(sharedNames));
  if (sharing.length < 2) return sharing[0] ?? null;
  const lines = sharing.map(({ id, name: board }) => `${id}: ${board}`);
  throw new CanopusError('preset/ambiguous', `Several boards are called "${name}".\n${lines.join('\n')}`, {
    reference: name,
    known: sharing.map(({ id }) => id),
  });
}

/**
 * The reference with a colon, if a person wrote another character before the variant: `octopus/f446`, `octopus f446`,
 * `octopus-f446`. Null if no such board has such a variant.
 */
export function meantReference(presets: readonly NamedPreset[], reference: string): string | null {
  const [, board, variant] = /^(.+?)[/\\\s,@_.-]+([^/\\\s,@_.-]+)$/.exec(reference.trim()) ?? [];
  if (board === undefined || variant === undefined) return null;
  const preset = presets.find(({ id, aliases, sharedNames = [] }) =>
    [id, ...aliases, ...sharedNames].some((name) => name.toLowerCase() === board.toLowerCase()),
  );
  const found = preset?.variants.some(({ id }) => id === variant.toLowerCase()) ?? false;
  return found ? `${board.toLowerCase()}:${variant.toLowerCase()}` : null;
}

/** The likely reference for a misspelt board or variant: `octpus:f44`. Null if there is none. */
export function similarReference(
  presets: readonly NamedPreset[],
  board: string,
  variantId: string | undefined,
): string | null {
  const names = presets.flatMap(({ id, aliases, sharedNames = [] }) => [id, ...aliases, ...sharedNames]);
  const name = nearestName(board, names)?.toLowerCase() ?? null;
  if (name === null || variantId === undefined) return name;
  const variants = presets
    .filter(({ id, aliases, sharedNames = [] }) =>
      [id, ...aliases, ...sharedNames].some((each) => each.toLowerCase() === name),
    )
    .flatMap((preset) => preset.variants.map(({ id }) => id));
  const variant = nearestName(variantId, variants);
  return variant === null ? null : `${name}:${variant}`;
}
