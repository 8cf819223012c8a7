import * as z from 'zod/mini';
import { recipeIdSchema } from '../../bench/bench-recipe.ts';
import { recipeNameSchema, savedRecipeSchema } from '../../bench/saved-recipe.ts';
import { idSchema, sha256Schema } from '../../units.ts';
import { call, stream } from '../define.ts';
import { table } from '../table.ts';

const one = z.strictObject({ id: idSchema });

/** The name of a file, without its folder. */
const fileName = z.string().check(z.minLength(1), z.maxLength(300));

export const recipeEntries = {
  /** The recipes that were saved: all, then each change. */
  'recipes.watch': stream({ input: z.null(), event: table(savedRecipeSchema) }),
  /** Saves a recipe of the bench's session. Throws `bench/unknown-recipe`, `bench/recipe-name-taken`, `file/…`. */
  'recipes.save': call({
    input: z.strictObject({ name: recipeNameSchema, recipeId: recipeIdSchema }),
    output: savedRecipeSchema,
  }),
  /** Throws `bench/unknown-recipe`, `bench/recipe-name-taken`, `file/…`. */
  'recipes.rename': call({
    input: z.strictObject({ id: idSchema, name: recipeNameSchema }),
    output: savedRecipeSchema,
  }),
  /** Its images stay in the cache. Throws `file/…`. */
  'recipes.remove': call({ input: one, output: z.null() }),
  /** A file that `canopus bench` and other stations read. Throws `bench/unknown-recipe`. */
  'recipes.export': call({ input: one, output: z.object({ fileName: z.string(), text: z.string() }) }),
  /**
   * Saves what a recipe file says, under its own name or the file's. Throws `bench/bad-recipe`,
   * `bench/recipe-files-missing`, `preset/unknown`, `file/…`.
   */
  'recipes.import': call({
    input: z.strictObject({
      fileName,
      text: z.string().check(z.maxLength(100_000)),
      /** Keys in the cache of the image files that came with it, by their names. */
      images: z.record(fileName, sha256Schema),
    }),
    output: savedRecipeSchema,
  }),
  /**
   * Arms it, see `bench.arm`. `confirmed`: the preset's hazards are dealt with. Throws `bench/unknown-recipe`,
   * `bench/recipe-image-gone`, and what `bench.arm` throws.
   */
  'recipes.arm': call({
    input: z.strictObject({ id: idSchema, confirmed: z.boolean() }),
    output: z.object({ recipeId: recipeIdSchema }),
  }),
};
