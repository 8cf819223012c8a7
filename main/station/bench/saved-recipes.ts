import { randomUUID } from 'node:crypto';
import type { BenchRecipe } from '../../../app/bench/bench-recipe.ts';
import { cachePrefix, parseRecipeFile, recipeFileText } from '../../../app/bench/recipe-file.ts';
import {
  contentOf,
  freeName,
  isSameName,
  savedRecipeSchema,
  type RecipeContent,
  type SavedRecipe,
} from '../../../app/bench/saved-recipe.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import type { Preset } from '../../../app/boards/preset-schema.ts';
import { LiveTable, type TableEvent } from '../../../app/contract/live-table.ts';
import type { StationInput } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import { imageParts, partWords } from '../../../app/image/image-parts.ts';
import { isMcuName, mcuFacts } from '../../../app/mcu/mcu.ts';
import { isSha256 } from '../../../app/units.ts';
import { jsonList } from '../../files/json-list.ts';
import { JsonStore } from '../../files/json-store.ts';
import type { ImageCache } from '../../firmware/image-cache.ts';
import { withImageParts } from '../kept-images.ts';

interface RecipeServices {
  readonly presets: readonly Preset[];
  readonly cache: Pick<ImageCache, 'readRecord'>;
  now(): Date;
  /** Called for records that cannot be read. */
  readonly report: (error: unknown) => void;
}

const format = jsonList(savedRecipeSchema, withImageParts);

/** The recipes that people saved, in one file of the data folder. Names are unique. */
export class SavedRecipes {
  readonly #file: JsonStore<readonly SavedRecipe[]>;
  readonly #services: RecipeServices;
  readonly #live = new LiveTable<SavedRecipe>();
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(file: JsonStore<readonly SavedRecipe[]>, services: RecipeServices) {
    this.#file = file;
    this.#services = services;
    for (const recipe of file.current) this.#live.set(recipe);
  }

  /** Never throws for the file's content. */
  static async open(path: string, services: RecipeServices): Promise<SavedRecipes> {
    return new SavedRecipes(await JsonStore.open({ path, format, report: services.report }), services);
  }

  follow(signal: AbortSignal): AsyncGenerator<TableEvent<SavedRecipe>, void, void> {
    return this.#live.follow(signal);
  }

  /** See `recipes.save` of the contract. */
  save(name: string, recipe: BenchRecipe): Promise<SavedRecipe> {
    return this.#inTurn(() => {
      this.#requireFreeName(name, null);
      return this.#put(this.#made(name, contentOf(recipe)));
    });
  }

  /** See `recipes.rename` of the contract. */
  rename(id: string, name: string): Promise<SavedRecipe> {
    return this.#inTurn(() => {
      this.#requireFreeName(name, id);
      return this.#put({ ...this.#require(id), name });
    });
  }

  /** One that is gone already is no error: another window was quicker. */
  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#file.save(this.#file.current.filter((recipe) => recipe.id !== id));
      this.#live.delete(id);
    });
  }

  /** See `recipes.export` of the contract. */
  export(id: string): { fileName: string; text: string } {
    const recipe = this.#require(id);
    // What Windows does not allow in a file name.
    const plain = recipe.name.replaceAll(/[^\p{L}\p{N} ._-]+/gu, '-').replace(/[. ]+$/, '');
    return { fileName: `${plain === '' ? 'recipe' : plain}.recipe.json`, text: recipeFileText(recipe) };
  }

  /** See `recipes.import` of the contract. */
  async import({ fileName, text, images }: StationInput<'recipes.import'>): Promise<SavedRecipe> {
    const file = parseRecipeFile(fileName, text);
    const { preset, variants } = findPreset(this.#services.presets, `${file.preset}:${file.variant}`);
    const variant = variants[0];
    if (variant === undefined)
      throw new CanopusError('preset/unknown', `${preset.name} has no such variant.`);
    const keys = keysOf(fileName, { bootloader: file.katapult, application: file.klipper }, images);
    const mcu = variant.mcu.value;
    const known = await this.#services.cache.readRecord(keys.application);
    const content: RecipeContent = {
      board: { presetId: preset.id, variantId: variant.id },
      boardName: `${preset.name}, ${isMcuName(mcu) ? mcuFacts[mcu].label : mcu}`,
      klipperVersion: known?.info.version ?? null,
      images: keys,
      ...{ modes: file.modes, target: file.count, backup: file.backup },
      confirmedCrystalHz: hzOf(file.confirmCrystal),
      crystalHz: hzOf(file.crystal ?? null),
    };
    const name = file.name ?? (fileName.replace(/(?:\.recipe)?\.json$/i, '').trim() || fileName);
    return this.#inTurn(() => this.#put(this.#made(freeName(name, this.#names()), content)));
  }

  /** What arms it. Throws `bench/unknown-recipe`, `bench/recipe-image-gone`. */
  async orderOf(id: string, confirmed: boolean): Promise<StationInput<'bench.arm'>> {
    const recipe = this.#require(id);
    for (const part of imageParts) {
      const key = recipe.images[part];
      if (key === null || (await this.#services.cache.readRecord(key)) !== null) continue;
      const version =
        part === 'application' && recipe.klipperVersion !== null ? ` ${recipe.klipperVersion}` : '';
      const message = `${partWords[part]}${version} of "${recipe.name}" is not in the image cache (${key.slice(0, 12)}).`;
      throw new CanopusError('bench/recipe-image-gone', message, { name: recipe.name, part, key });
    }
    const { board, images, modes, target, backup, confirmedCrystalHz, crystalHz } = recipe;
    return {
      ...{ board: { ...board }, images: { ...images }, modes: [...modes] },
      ...{ target, backup, confirmedCrystalHz, crystalHz, confirmed },
    };
  }

  #made(name: string, content: RecipeContent): SavedRecipe {
    return { id: randomUUID(), name, savedAt: this.#services.now().toISOString(), ...content };
  }

  async #put(recipe: SavedRecipe): Promise<SavedRecipe> {
    const others = this.#file.current.filter(({ id }) => id !== recipe.id);
    await this.#file.save([...others, recipe]);
    this.#live.set(recipe);
    return recipe;
  }

  #require(id: string): SavedRecipe {
    const recipe = this.#live.get(id);
    if (recipe !== null) return recipe;
    throw new CanopusError('bench/unknown-recipe', 'This recipe was removed.', { recipeId: id });
  }

  #requireFreeName(name: string, ownId: string | null): void {
    const other = this.#live.all().find((recipe) => isSameName(recipe.name, name));
    if (other === undefined || other.id === ownId) return;
    throw new CanopusError('bench/recipe-name-taken', `There is a recipe "${other.name}" already.`, {
      name: other.name,
    });
  }

  #names(): readonly string[] {
    return this.#live.all().map(({ name }) => name);
  }

  /** One change after the other: each begins with what the last one left. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(change);
    this.#writing = done.catch(() => undefined);
    return done;
  }
}

interface NamedImages {
  readonly bootloader: string | null;
  readonly application: string;
}

/** The keys of the images that a file names. Throws `bench/recipe-files-missing` with all that are missing. */
function keysOf(
  fileName: string,
  named: NamedImages,
  images: Readonly<Record<string, string>>,
): SavedRecipe['images'] {
  const bootloader = named.bootloader === null ? null : keyOf(named.bootloader, images);
  const application = keyOf(named.application, images);
  const missing = [
    ...(named.bootloader !== null && bootloader === null ? [named.bootloader] : []),
    ...(application === null ? [named.application] : []),
  ];
  if (application !== null && missing.length === 0) return { bootloader, application };
  throw new CanopusError('bench/recipe-files-missing', `${fileName} needs ${missing.join(' and ')}.`, {
    file: fileName,
    missing,
  });
}

function keyOf(text: string, images: Readonly<Record<string, string>>): string | null {
  if (text.startsWith(cachePrefix)) {
    const key = text.slice(cachePrefix.length).toLowerCase();
    return isSha256(key) ? key : null;
  }
  const name = text.split(/[/\\]/).at(-1) ?? text;
  return images[name] ?? null;
}

function hzOf(mhz: number | null): number | null {
  return mhz === null ? null : Math.round(mhz * 1e6);
}
