import * as z from 'zod/mini';
import type { core } from 'zod/mini';
import { CanopusError } from '../errors.ts';
import { benchModes } from './bench-recipe.ts';
import { recipeNameSchema, type SavedRecipe } from './saved-recipe.ts';

const text = z.string().check(z.minLength(1), z.maxLength(1000));

/**
 * The format of a recipe file: what every board of one kind gets, for `canopus bench`. Images are files beside it,
 * `build` (the newest official source), `build:SOURCE` or `cache:KEY`.
 */
const recipeFile = z.strictObject({
  /** What people call it; the station's window saves it under this name. */
  name: z.optional(recipeNameSchema),
  /** Id or alias, as `canopus presets` lists them. */
  preset: text,
  variant: text,
  /** Null or left out: boards keep their bootloader, so that none may start from DFU. */
  katapult: z._default(z.nullable(text), null),
  klipper: text,
  /** What starts a board without a click. */
  modes: z._default(z.array(z.enum(benchModes)).check(z.minLength(1)), ['dfu']),
  /** Keep the old flash of each board before it is erased; from ROM DFU, a few seconds per board. */
  backup: z._default(z.boolean(), false),
  /** How many boards are wanted; null: no limit. */
  count: z._default(z.nullable(z.int().check(z.gte(1), z.lte(100_000))), null),
  /** The preset's hazards are dealt with, for every board of the batch. */
  confirmed: z._default(z.boolean(), false),
  /** MHz of the crystal that the images are built for, if they do not state it. */
  confirmCrystal: z._default(z.nullable(z.number().check(z.gte(1), z.lte(50))), null),
  /** MHz of the boards' crystal, if it differs from the preset's. */
  crystal: z.optional(z.number().check(z.gte(1), z.lte(50))),
  /** For `build`: where, and what to change in the preset. */
  on: z._default(text, 'local'),
  bitrateBps: z.optional(z.int()),
  canPins: z.optional(z.tuple([text, text])),
});

export type RecipeFile = z.infer<typeof recipeFile>;
type RecipeFileInput = z.input<typeof recipeFile>;

/** Before the key of an image in the station's cache. */
export const cachePrefix = 'cache:';

/** Throws `bench/bad-recipe` with the file and the first field that is wrong. */
export function parseRecipeFile(fileName: string, content: string): RecipeFile {
  const parsed = recipeFile.safeParse(parseJson(fileName, content));
  if (parsed.success) {
    const { katapult, modes } = parsed.data;
    if (katapult !== null || !modes.includes('dfu')) return parsed.data;
    throw badRecipe(fileName, 'katapult', 'is missing: boards in DFU need a bootloader');
  }
  const [issue] = parsed.error.issues;
  throw badRecipe(fileName, fieldOf(issue), describeIssue(issue));
}

/** A saved recipe in the format of a file, with its images by their key in the cache. */
export function recipeFileText(recipe: SavedRecipe): string {
  const { name, board, images, modes, backup, target, confirmedCrystalHz, crystalHz } = recipe;
  const file: RecipeFileInput = {
    name,
    preset: board.presetId,
    variant: board.variantId,
    ...(images.bootloader === null ? {} : { katapult: `${cachePrefix}${images.bootloader}` }),
    klipper: `${cachePrefix}${images.application}`,
    modes: [...modes],
    backup,
    count: target,
    ...(confirmedCrystalHz === null ? {} : { confirmCrystal: confirmedCrystalHz / 1e6 }),
    ...(crystalHz === null ? {} : { crystal: crystalHz / 1e6 }),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function parseJson(fileName: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw badRecipe(fileName, '', cause instanceof Error ? `is not JSON: ${cause.message}` : 'is not JSON');
  }
}

function fieldOf(issue: core.$ZodIssue | undefined): string {
  if (issue === undefined) return '';
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  return [...issue.path, ...unknown].map(String).join('.');
}

function describeIssue(issue: core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'unrecognized_keys':
      return 'is unknown';
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return issue.input === undefined ? `is missing (${issue.expected})` : `must be ${issue.expected}`;
    case 'too_small':
      return `must be at least ${String(issue.minimum)}`;
    case 'too_big':
      return `must be at most ${String(issue.maximum)}`;
    case undefined:
    default:
      return issue?.message ?? 'does not fit the format';
  }
}

function badRecipe(file: string, field: string, what: string): CanopusError {
  const where = field === '' ? file : `${file}: ${field}`;
  return new CanopusError('bench/bad-recipe', `${where} ${what}.`, { file, field });
}
