import type { ChipFacts } from '../chip/chip-facts.ts';
import { judgeChip, type ChipProblem } from '../chip/check-chip.ts';
import { isMcuName } from '../mcu/mcu.ts';
import type { BenchRecipe } from './bench-recipe.ts';

export interface DfuMatch {
  /** The recipes without a contradiction. */
  readonly fitting: readonly BenchRecipe[];
  /** What contradicts the others. */
  readonly problems: readonly { readonly recipe: BenchRecipe; readonly problem: ChipProblem }[];
}

/**
 * Checks a chip in ROM DFU against each recipe, as `judgeChip` does before every write. `marking` is what a person read
 * off the chip, or null.
 */
export function matchDfu(
  recipes: readonly BenchRecipe[],
  facts: ChipFacts,
  marking: string | null,
): DfuMatch {
  const fitting: BenchRecipe[] = [];
  const problems: { recipe: BenchRecipe; problem: ChipProblem }[] = [];
  for (const recipe of recipes) {
    const { mcu, markings, flashBytes } = recipe;
    // Arming checks the images, so there is no recipe for any other.
    if (!isMcuName(mcu)) continue;
    const reference = `${recipe.board.presetId}:${recipe.board.variantId}`;
    const variants = [{ reference, mcu, markings, flashBytes }];
    const { problem } = judgeChip(facts, { mcu, variants, offers: [], marking });
    if (problem === null) fitting.push(recipe);
    else problems.push({ recipe, problem });
  }
  return { fitting, problems };
}
