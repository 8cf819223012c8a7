import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRecipeFile } from '../../../app/bench/recipe-file.ts';
import { loadPresets } from '../../../main/presets.ts';
import { recipeFor } from '../../../main/station/bench/bench-arming.ts';
import { SavedRecipes } from '../../../main/station/bench/saved-recipes.ts';
import { codeOfRejection } from '../../error-code.ts';
import { ImagesInMemory, imagesFor, variants } from './bench-rig.ts';

const presets = await loadPresets();
const cache = new ImagesInMemory();
const bytes = imagesFor('stm32f446xx');
const images = {
  bootloader: await cache.add(bytes.bootloader),
  application: await cache.add(bytes.application),
};
const order = {
  ...{ board: variants.stm32f446xx, images, modes: ['dfu' as const], target: 30, confirmed: true },
  ...{ backup: true, crystalHz: 12_000_000 },
};
const recipe = await recipeFor(order, presets, cache);
const now = (): Date => new Date('2026-12-01T00:00:00Z');

let folder: string;
let reports: unknown[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-recipes-'));
  reports = [];
});
afterEach(() => rm(folder, { recursive: true }));

function open(imagesThere: Pick<ImagesInMemory, 'readRecord'> = cache): Promise<SavedRecipes> {
  const report = (error: unknown): void => void reports.push(error);
  return SavedRecipes.open(join(folder, 'recipes.json'), { presets, cache: imagesThere, now, report });
}

async function names(recipes: SavedRecipes): Promise<readonly string[]> {
  const { value } = await recipes.follow(new AbortController().signal).next();
  return value?.type === 'all' ? value.items.map(({ name }) => name) : [];
}

describe('saved recipes', () => {
  it('are armed again after a restart with all that was chosen, but confirmed anew', async () => {
    const { id } = await (await open()).save('Batch A', recipe);
    const restarted = await open();
    expect(await restarted.orderOf(id, false)).toMatchObject({ ...order, confirmed: false });
    expect(await recipeFor(await restarted.orderOf(id, true), presets, cache)).toEqual(recipe);
  });

  it('are renamed and removed for good; a name is taken once', async () => {
    const recipes = await open();
    const { id } = await recipes.save('Batch A', recipe);
    expect(await codeOfRejection(recipes.save('BATCH a', recipe))).toBe('bench/recipe-name-taken');
    await recipes.save('Batch B', recipe);
    expect(await codeOfRejection(recipes.rename(id, 'batch b'))).toBe('bench/recipe-name-taken');
    await recipes.rename(id, 'BATCH A');
    expect(await names(await open())).toEqual(expect.arrayContaining(['BATCH A', 'Batch B']));
    await recipes.remove(id);
    expect(await names(await open())).toEqual(['Batch B']);
    expect(await codeOfRejection(recipes.orderOf(id, true))).toBe('bench/unknown-recipe');
  });

  it('keep all of several that are saved at once', async () => {
    const recipes = await open();
    await Promise.all(['a', 'b', 'c'].map((name) => recipes.save(name, recipe)));
    expect(await names(await open())).toEqual(['a', 'b', 'c']);
  });

  it('go to another station as a file that the command line reads, under a free name', async () => {
    const recipes = await open();
    const { id } = await recipes.save('Voron: A/B', recipe);
    const { fileName, text } = recipes.export(id);
    expect(fileName).toBe('Voron- A-B.recipe.json');
    expect(parseRecipeFile(fileName, text)).toMatchObject({
      ...{ name: 'Voron: A/B', preset: 'btt-octopus', variant: 'f446', count: 30, backup: true },
      ...{ katapult: `cache:${images.bootloader}`, klipper: `cache:${images.application}`, crystal: 12 },
    });
    const copy = await recipes.import({ fileName, text, images: {} });
    expect(copy.name).toBe('Voron: A/B (2)');
    expect(await recipes.orderOf(copy.id, true)).toMatchObject(order);
  });

  it('take images from the files that came with a recipe, and name those that did not', async () => {
    const text = JSON.stringify({
      ...{ preset: 'btt-octopus', variant: 'f446', katapult: 'out/katapult.bin', klipper: 'build' },
    });
    const recipes = await open();
    const named = { 'katapult.bin': images.bootloader };
    const order1 = { fileName: 'octopus.json', text, images: named };
    await expect(recipes.import(order1)).rejects.toMatchObject({
      code: 'bench/recipe-files-missing',
      details: { missing: ['build'] },
    });
    const files = { ...named, 'klipper.bin': images.application };
    const complete = { ...order1, text: text.replace('"build"', '"klipper.bin"'), images: files };
    expect(await recipes.import(complete)).toMatchObject({ name: 'octopus', images });
  });

  it('have no bootloader only if no board starts from DFU', async () => {
    const recipes = await open();
    const file = { preset: 'btt-octopus', variant: 'f446', klipper: `cache:${images.application}` };
    const imported = (more: object) =>
      recipes.import({ fileName: 'a.json', text: JSON.stringify({ ...file, ...more }), images: {} });
    expect(await codeOfRejection(imported({}))).toBe('bench/bad-recipe');
    const { images: kept } = await imported({ modes: ['katapult'] });
    expect(kept).toEqual({ bootloader: null, application: images.application });
  });

  it('say which image is gone, and stay', async () => {
    const { id } = await (await open()).save('Batch A', recipe);
    const without = await open({
      readRecord: (key) => (key === images.application ? Promise.resolve(null) : cache.readRecord(key)),
    });
    await expect(without.orderOf(id, true)).rejects.toMatchObject({
      code: 'bench/recipe-image-gone',
      details: { part: 'application', name: 'Batch A' },
    });
    expect(await names(without)).toEqual(['Batch A']);
  });

  it('are read one by one: one that cannot be read costs no other', async () => {
    await (await open()).save('Batch A', recipe);
    const path = join(folder, 'recipes.json');
    const kept = JSON.parse(await readFile(path, 'utf8')) as unknown[];
    await writeFile(path, JSON.stringify([{ id: 'x' }, ...kept]));
    expect(await names(await open())).toEqual(['Batch A']);
    expect(reports).toHaveLength(1);
  });
});
