import { isMcuName, maxFlashKiB, mcuFacts } from '../mcu/mcu.ts';
import type { BenchRecipe } from './bench-recipe.ts';

/** What a chip in ROM DFU says of itself without being asked for more than its descriptors. */
export interface DfuFacts {
  readonly serial: string | null;
  /** Of the flash that begins at 0x08000000, by the layout string. */
  readonly flashBytes: number;
  /** Whether a second set of option bytes is described, as F42x and F43x have; null where nothing could be read. */
  readonly hasSecondOptionBytes: boolean | null;
}

/** What F446 parts report as their serial number in DFU, all of them. */
const constantSerial = /^STM32FxSTM32$/i;
/** F405 and F407 report twelve digits of their UID. What F42x report was not seen often enough to go by it. */
const uidSerial = /^[0-9A-F]{12}$/i;
const contradictingSerials: Readonly<Record<string, RegExp>> = {
  stm32f446xx: uidSerial,
  stm32f405xx: constantSerial,
  stm32f407xx: constantSerial,
};

/**
 * What speaks against a board in ROM DFU being the one of a recipe, in words; null where nothing does. The ROM does not
 * tell its MCU, so this can only contradict: by the size of flash, by the option bytes, by the form of the serial number.
 */
export function dfuContradiction(recipe: BenchRecipe, facts: DfuFacts): string | null {
  const kib = facts.flashBytes / 1024;
  if (recipe.flashBytes !== null && recipe.flashBytes !== facts.flashBytes)
    return `it has ${kib} KiB of flash, the ${recipe.name} has ${recipe.flashBytes / 1024} KiB`;
  const most = isMcuName(recipe.mcu) ? maxFlashKiB(recipe.mcu) : null;
  if (most !== null && kib > most) return `it has ${kib} KiB of flash, more than any ${label(recipe)}`;
  const isF42x = recipe.mcu === 'stm32f429xx';
  if (facts.hasSecondOptionBytes !== null && facts.hasSecondOptionBytes !== isF42x)
    return `it describes ${facts.hasSecondOptionBytes ? 'a second' : 'no second'} set of option bytes, unlike an ${label(recipe)}`;
  const { serial } = facts;
  if (serial !== null && contradictingSerials[recipe.mcu]?.test(serial) === true)
    return `its serial number ${serial} has not the form that an ${label(recipe)} reports`;
  return null;
}

/** The recipes that nothing speaks against, and what speaks against the others. */
export function matchDfu(
  recipes: readonly BenchRecipe[],
  facts: DfuFacts,
): { readonly fitting: readonly BenchRecipe[]; readonly reasons: readonly string[] } {
  const judged = recipes.map((recipe) => ({ recipe, reason: dfuContradiction(recipe, facts) }));
  return {
    fitting: judged.filter(({ reason }) => reason === null).map(({ recipe }) => recipe),
    reasons: judged.flatMap(({ reason }) => reason ?? []),
  };
}

function label({ mcu }: BenchRecipe): string {
  return isMcuName(mcu) ? mcuFacts[mcu].label : mcu;
}
