import { describe, expect, it } from 'vitest';
import { fragmentOf } from '../../../app/build/fragment.ts';
import { refuseBeforeBridge } from '../../../app/build/missing-choice.ts';
import { makeRecipe } from '../../../app/build/recipe.ts';
import type { FirmwareTarget, RecipeInput } from '../../../app/build/recipe.ts';
import { compareConfig, refuseDifferences } from '../../../app/build/resolved-config.ts';
import { codeOf } from '../../error-code.ts';
import { errorDetails } from '../../fixtures/error-details.ts';
import { octopusInput } from './octopus.ts';

/** What a tree with these symbols refuses of a recipe when it drops `dropped`. */
function refusal(
  target: FirmwareTarget,
  change: Partial<RecipeInput>,
  dropped: readonly string[],
  known: readonly string[],
) {
  const recipe = makeRecipe({ ...octopusInput, ...change });
  const fragment = fragmentOf(recipe, target);
  const resolved = new Map([...fragment.asked, ...fragment.derived]);
  for (const symbol of dropped) resolved.delete(symbol);
  const symbols = new Set(known);
  return errorDetails(() =>
    refuseDifferences(fragment, compareConfig(fragment, resolved, symbols), recipe, symbols),
  );
}

const clocks = ['8M', '12M', '32M', 'INTERNAL'].map((name) => `STM32_CLOCK_REF_${name}`);

describe('a choice that a firmware does not offer is named in words:', () => {
  it('a crystal, with those that there are', () => {
    const dropped = ['STM32_CLOCK_REF_24M', 'CLOCK_REF_FREQ'];
    expect(refusal('katapult', { crystalHz: 24_000_000 }, dropped, clocks)).toMatchObject({
      code: 'build/not-offered',
      missing: ['Katapult has no 24 MHz crystal; it has 8, 12, 32 MHz'],
    });
  });

  it('an offset that the tree has for other chips only', () => {
    const dropped = ['STM32_FLASH_START_4000', 'FLASH_APPLICATION_ADDRESS'];
    const known = ['STM32_FLASH_START_4000', 'STM32_FLASH_START_8000'];
    expect(refusal('klipper', { applicationOffset: 0x4000 }, dropped, known)).toMatchObject({
      missing: ['Klipper cannot begin at 16 KiB on stm32f446xx'],
    });
  });

  it('an offset that Katapult does not have', () => {
    const dropped = ['STM32_APP_START_10000', 'LAUNCH_APP_ADDRESS'];
    expect(
      refusal('katapult', { applicationOffset: 0x10000 }, dropped, ['STM32_APP_START_8000']),
    ).toMatchObject({ missing: ['Katapult cannot start an application at 64 KiB on stm32f446xx'] });
  });

  it('CAN pins', () => {
    const dropped = ['STM32_CMENU_CANBUS_PB0_PB1'];
    const known = ['STM32_CMENU_CANBUS_PB8_PB9'];
    expect(refusal('klipper', { canPins: ['PB0', 'PB1'] }, dropped, known)).toMatchObject({
      missing: ['Klipper has no CAN on PB0/PB1 on stm32f446xx'],
    });
  });
});

describe('a Klipper of before the bridge', () => {
  it('is called that', () => {
    const dropped = ['STM32_USBCANBUS_PA11_PA12', 'STM32_CMENU_CANBUS_PD0_PD1', 'USBCANBUS'];
    const details = refusal('klipper', {}, dropped, clocks);
    expect(details.code).toBe('build/not-offered');
    expect(details['missing']).toEqual([expect.stringMatching(/no USB to CAN bridge .* v0\.10\.0-503/)]);
  });
});

describe('a Klipper that could not be configured', () => {
  const code = (target: FirmwareTarget, symbols: readonly string[]) =>
    codeOf(() => refuseBeforeBridge(target, new Set(symbols)));

  it('is called older than the bridge only where its Kconfig files were read and have none', () => {
    expect(code('klipper', clocks)).toBe('build/not-offered');
    expect(code('klipper', [...clocks, 'STM32_USBCANBUS_PA11_PA12'])).toBe('no error');
    expect(code('klipper', [])).toBe('no error');
    expect(code('katapult', clocks)).toBe('no error');
  });
});

describe('it is not a choice that is missing', () => {
  it('where the tree calls the whole choice otherwise', () => {
    const dropped = ['STM32_CLOCK_REF_12M', 'CLOCK_REF_FREQ'];
    expect(refusal('klipper', {}, dropped, ['STM32_CRYSTAL_12M']).code).toBe('build/config-refused');
  });

  it('where only a value that follows is wrong', () => {
    expect(refusal('klipper', {}, ['CLOCK_REF_FREQ'], clocks).code).toBe('build/config-refused');
  });

  it('where the tree has the bridge, but not for this chip', () => {
    const dropped = ['STM32_USBCANBUS_PA11_PA12', 'STM32_CMENU_CANBUS_PD0_PD1', 'USBCANBUS'];
    const known = ['STM32_USBCANBUS_PA11_PA12', 'STM32_CMENU_CANBUS_PB8_PB9'];
    expect(refusal('klipper', {}, dropped, known).code).toBe('build/config-refused');
  });

  it('where the tree does not know the chip', () => {
    const dropped = ['MACH_STM32F446', 'STM32_CLOCK_REF_12M'];
    expect(refusal('klipper', {}, dropped, clocks).code).toBe('build/unknown-mcu');
  });
});
