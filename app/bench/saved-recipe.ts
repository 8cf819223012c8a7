import * as z from 'zod/mini';
import { confirmationsSchema } from '../boards/confirmations.ts';
import { runnableImageKeysSchema } from '../image/image-parts.ts';
import type { Plain } from '../plain.ts';
import { idSchema } from '../units.ts';
import { benchModes, type BenchRecipe } from './bench-recipe.ts';

/** The name that a person gives a recipe; two names that differ in case only are the same name. */
export const recipeNameSchema = z.string().check(z.trim(), z.minLength(1), z.maxLength(100));

/** A recipe that a person saved to arm it again. What the board warns of is confirmed at each arming, never saved. */
export const savedRecipeSchema = z.object({
  id: idSchema,
  name: recipeNameSchema,
  /** ISO 8601. */
  savedAt: z.string(),
  board: z.object({ presetId: z.string(), variantId: z.string() }),
  /** For people: the preset's name and the chip. */
  boardName: z.string(),
  /** For people; null: unknown. */
  klipperVersion: z.nullable(z.string()),
  images: runnableImageKeysSchema,
  modes: z.array(z.enum(benchModes)),
  target: z.nullable(z.int()),
  backup: z.boolean(),
  confirmedCrystalHz: confirmationsSchema.shape.crystalHz,
  crystalHz: z.nullable(z.int()),
});

export type SavedRecipe = Plain<z.infer<typeof savedRecipeSchema>>;

/** What of a saved recipe says what a board gets. */
export type RecipeContent = Omit<SavedRecipe, 'id' | 'name' | 'savedAt'>;

export function contentOf(recipe: BenchRecipe): RecipeContent {
  const { board, name, klipper, images, modes, target, backup, confirmedCrystalHz, crystalHz } = recipe;
  return {
    ...{ board, boardName: name, klipperVersion: klipper.version, images, modes },
    ...{ target, backup, confirmedCrystalHz, crystalHz },
  };
}

/** Whether a recipe of the bench gives a board the same as a saved one. */
export function isSameRecipe(saved: RecipeContent, recipe: BenchRecipe): boolean {
  const { board, images } = recipe;
  return (
    saved.board.presetId === board.presetId &&
    saved.board.variantId === board.variantId &&
    saved.images.bootloader === images.bootloader &&
    saved.images.application === images.application
  );
}

export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The name, or the first of `name (2)`, `name (3)` … that is free. */
export function freeName(name: string, taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const tried = number === 1 ? name : `${name} (${number})`;
    if (!taken.some((other) => isSameName(other, tried))) return tried;
  }
}
