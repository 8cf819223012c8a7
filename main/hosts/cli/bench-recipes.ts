import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseRecipeFile, type RecipeFile } from '../../../app/bench/recipe-file.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import type { StationClient, StationInput } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { CliIo } from './context.ts';
import { imagesForFlash } from './flash-images.ts';

export type ArmOrder = StationInput<'bench.arm'>;

/** Reads recipe files; all of them before anything is built. Throws `bench/bad-recipe`, `file/missing`. */
export async function readRecipes(files: readonly string[]): Promise<readonly ReadRecipe[]> {
  const recipes: ReadRecipe[] = [];
  for (const file of files) recipes.push({ file, recipe: parseRecipeFile(file, await contentOf(file)) });
  return recipes;
}

interface ReadRecipe {
  readonly file: string;
  readonly recipe: RecipeFile;
}

/** A recipe as the bench takes it, with its images in the station's cache. */
export async function orderFor(
  io: CliIo,
  client: StationClient,
  { file, recipe }: ReadRecipe,
): Promise<ArmOrder> {
  const { preset, variants } = findPreset(
    await client.call('presets.list', null),
    `${recipe.preset}:${recipe.variant}`,
  );
  const variantId = variants[0]?.id ?? recipe.variant;
  const besideFile = (image: string): string =>
    /^(?:build(?:$|:)|cache:)/.test(image) ? image : resolve(dirname(file), image);
  const options = {
    preset: `${preset.id}:${variantId}`,
    on: recipe.on,
    confirm: recipe.confirmed || recipe.crystal !== undefined,
    ...(recipe.bitrateBps === undefined ? {} : { bitrate: recipe.bitrateBps }),
    ...(recipe.crystal === undefined ? {} : { crystal: recipe.crystal }),
    ...(recipe.canPins === undefined ? {} : { canPins: recipe.canPins }),
  };
  const bootloaderText = recipe.katapult === null ? null : besideFile(recipe.katapult);
  const texts = { bootloader: bootloaderText, application: besideFile(recipe.klipper) };
  const { bootloader, application } = await imagesForFlash(io, client, options, texts);
  if (application === null) throw new Error('a recipe without an application');
  return {
    board: { presetId: preset.id, variantId },
    images: { bootloader, application },
    modes: recipe.modes,
    target: recipe.count,
    confirmed: recipe.confirmed,
    backup: recipe.backup,
    confirmedCrystalHz: recipe.confirmCrystal === null ? null : recipe.confirmCrystal * 1e6,
    crystalHz: recipe.crystal === undefined ? null : recipe.crystal * 1e6,
  };
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CanopusError('file/missing', `${file} cannot be read.`, { file }, { cause });
  }
}
