import { describe, expect, it } from 'vitest';
import { applicationAddress, makeRecipe } from '../../../app/build/recipe.ts';
import { codeOf } from '../../error-code.ts';
import { octopus, octopusInput } from './octopus.ts';

describe('a recipe', () => {
  it('says once where the application begins', () => {
    expect(applicationAddress(octopus)).toBe(0x08008000);
    expect(applicationAddress(makeRecipe({ ...octopusInput, applicationOffset: 0x4000 }))).toBe(0x08004000);
  });

  it('for an STM32F103 is refused with the reason', () => {
    expect(() => makeRecipe({ ...octopusInput, mcu: 'stm32f103xe' })).toThrow(/share one block of memory/);
    expect(codeOf(() => makeRecipe({ ...octopusInput, mcu: 'stm32f103xe' }))).toBe('recipe/no-bridge');
  });

  it('for an STM32F103 as a node or a USB device is not', () => {
    const node = makeRecipe({ ...octopusInput, mcu: 'stm32f103xe', role: 'node', canPins: ['PB8', 'PB9'] });
    expect(node.canPins).toEqual(['PB8', 'PB9']);
    expect(makeRecipe({ ...octopusInput, mcu: 'stm32f103xe', role: 'usb' }).canPins).toBeNull();
    expect(codeOf(() => makeRecipe({ ...octopusInput, role: 'node', canPins: null }))).toBe('recipe/invalid');
  });

  it.each([
    ['a chip name with a quote', { mcu: 'stm32f446xx"\nCONFIG_X=y' }],
    ['no chip at all', { mcu: '' }],
    ['half a megahertz', { crystalHz: 8_500_000 }],
    ['a crystal in MHz', { crystalHz: 12 }],
    ['an address for an offset', { applicationOffset: 0x08008000 }],
    ['an odd offset', { applicationOffset: 0x8001 }],
    ['one pin twice', { canPins: ['PD0', 'PD0'] as const }],
    ['a pin that no port has', { canPins: ['PD0', 'PD16'] as const }],
    ['a bit rate in kbit/s', { bitrateBps: 1000 }],
    ['a bit rate above classic CAN', { bitrateBps: 2_000_000 }],
    ['a symbol with its prefix', { extra: { klipper: { CONFIG_x: 'y' } } }],
    ['a value with a line end', { extra: { katapult: { STATUS_LED_PIN: '"PA1\n"' } } }],
  ])('with %s is refused', (_what, change) => {
    expect(codeOf(() => makeRecipe({ ...octopusInput, ...change }))).toBe('recipe/invalid');
  });
});
