import { makeRecipe } from '../../../app/build/recipe.ts';
import type { RecipeInput } from '../../../app/build/recipe.ts';

export const octopusInput: RecipeInput = {
  mcu: 'stm32f446xx',
  crystalHz: 12_000_000,
  applicationOffset: 0x8000,
  canPins: ['PD0', 'PD1'],
  bitrateBps: 1_000_000,
};

/** An Octopus with STM32F446 and 12 MHz. */
export const octopus = makeRecipe(octopusInput);
