import type { Preset } from '../boards/preset-schema.ts';
import { candidateCrystals } from '../rescue/candidates.ts';
import { recipeForBoard } from '../build/board-recipe.ts';
import { formatKconfig } from '../build/kconfig.ts';
import { fragmentOf } from '../build/fragment.ts';
import type { FirmwareTarget, Recipe } from '../build/recipe.ts';

/** One image of a published bundle. */
export interface ReleaseOrder {
  readonly target: FirmwareTarget;
  readonly recipe: Recipe;
  /** The first preset that wants it. */
  readonly presetId: string;
  /** For the crystal search only: left out if the sources have no such crystal. */
  readonly isCandidate: boolean;
}

/**
 * Everything that a station may want for these presets without building: both images for each variant and each choice of
 * CAN pins in the preset's first role, and a Katapult for every other crystal that the board may have. What two presets
 * configure alike is one order. Throws `recipe/…`.
 */
export function releaseOrders(presets: readonly Preset[]): readonly ReleaseOrder[] {
  const orders = new Map<string, ReleaseOrder>();
  const add = (target: FirmwareTarget, recipe: Recipe, presetId: string, isCandidate = false): void => {
    const key = `${target}\n${formatKconfig(fragmentOf(recipe, target).asked)}`;
    const known = orders.get(key);
    if (known === undefined || (known.isCandidate && !isCandidate))
      orders.set(key, { target, recipe, presetId, isCandidate });
  };
  for (const preset of presets) {
    const pins = preset.canPins.value === null ? (preset.canPinChoices?.value ?? [null]) : [null];
    const variantsHz = preset.variants.map(({ crystalHz }) => crystalHz.value);
    for (const variant of preset.variants) {
      for (const canPins of pins) {
        const { recipe } = recipeForBoard({ preset, variants: [variant] }, { canPins });
        add('katapult', recipe, preset.id);
        add('klipper', recipe, preset.id);
        const { mcu, crystalHz: chosenHz } = recipe;
        for (const crystalHz of candidateCrystals({ mcu, chosenHz, variantsHz }))
          add('katapult', { ...recipe, crystalHz }, preset.id, true);
      }
    }
  }
  return [...orders.values()];
}
