import { describe, expect, it } from 'vitest';
import { candidateCrystals } from '../../../app/rescue/candidates.ts';

describe('candidateCrystals', () => {
  it("tries what was chosen, then the preset's other variants, then the usual ones, each once", () => {
    const choice = { mcu: 'stm32f407xx', chosenHz: 16_000_000, variantsHz: [12_000_000] };
    expect(candidateCrystals(choice).map((hz) => hz / 1e6)).toEqual([16, 12, 8, 25, 20]);
  });

  it('leaves 25 MHz out for an F446, which no build makes USB of', () => {
    const choice = { mcu: 'stm32f446xx', chosenHz: 12_000_000, variantsHz: [8_000_000] };
    expect(candidateCrystals(choice).map((hz) => hz / 1e6)).toEqual([12, 8, 16, 20]);
  });

  it('tries the usual ones if none was chosen', () => {
    const choice = { mcu: 'stm32f429xx', chosenHz: null, variantsHz: [] };
    expect(candidateCrystals(choice).map((hz) => hz / 1e6)).toEqual([8, 12, 25, 16, 20]);
  });
});
