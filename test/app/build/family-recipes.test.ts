import { describe, expect, it } from 'vitest';
import { fragmentOf } from '../../../app/build/fragment.ts';
import { makeRecipe } from '../../../app/build/recipe.ts';
import { codeOf } from '../../error-code.ts';

const node = {
  mcu: 'stm32g0b1xx',
  crystalHz: 8_000_000,
  applicationOffset: 0x2000,
  bitrateBps: 1_000_000,
  canPins: ['PB0', 'PB1'],
  role: 'node',
} as const;

describe('what kconfig is asked for', () => {
  it('for an EBB as a node: both firmwares on the bus, at 8 KiB', () => {
    const recipe = makeRecipe(node);
    expect([...fragmentOf(recipe, 'klipper').asked]).toEqual([
      ['LOW_LEVEL_OPTIONS', 'y'],
      ['MACH_STM32', 'y'],
      ['MACH_STM32G0B1', 'y'],
      ['STM32_FLASH_START_2000', 'y'],
      ['STM32_CLOCK_REF_8M', 'y'],
      ['STM32_MMENU_CANBUS_PB0_PB1', 'y'],
      ['CANBUS_FREQUENCY', '1000000'],
    ]);
    expect(fragmentOf(recipe, 'katapult').asked.get('STM32_MMENU_CANBUS_PB0_PB1')).toBe('y');
    expect(fragmentOf(recipe, 'katapult').derived.get('LAUNCH_APP_ADDRESS')).toBe('0x8002000');
  });

  it('for an H723 as a bridge: 25 MHz, 128 KiB', () => {
    const recipe = makeRecipe({
      ...node,
      ...{ mcu: 'stm32h723xx', crystalHz: 25_000_000, applicationOffset: 0x20000 },
      ...{ canPins: ['PD0', 'PD1'], role: 'bridge' },
    });
    const { asked, derived } = fragmentOf(recipe, 'klipper');
    expect(asked.get('MACH_STM32H723')).toBe('y');
    expect(asked.get('STM32_FLASH_START_20000')).toBe('y');
    expect(asked.get('STM32_CMENU_CANBUS_PD0_PD1')).toBe('y');
    expect(derived.get('MCU')).toBe('"stm32h723xx"');
  });

  // Names as in src/stm32/Kconfig: these pairs are in no menu, and PH14 is RX.
  it.each([
    ['stm32f072xb', ['PA11', 'PA12'], 'STM32_CANBUS_PA11_PA12'],
    ['stm32f042x6', ['PA9', 'PA10'], 'STM32_CANBUS_PA11_PA12_REMAP'],
    ['stm32g0b1xx', ['PA11', 'PB9'], 'STM32_CANBUS_PA11_PB9'],
    ['stm32h743xx', ['PH14', 'PH13'], 'STM32_MMENU_CANBUS_PH13_PH14'],
  ] as const)('for a node with an %s on %j', (mcu, canPins, symbol) => {
    expect(fragmentOf(makeRecipe({ ...node, mcu, canPins }), 'klipper').asked.get(symbol)).toBe('y');
  });

  it('for an F103 only as a node', () => {
    const f103 = { ...node, mcu: 'stm32f103xe', canPins: ['PB8', 'PB9'] } as const;
    expect(fragmentOf(makeRecipe(f103), 'klipper').asked.get('STM32_MMENU_CANBUS_PB8_PB9')).toBe('y');
    expect(codeOf(() => makeRecipe({ ...f103, role: 'bridge' }))).toBe('recipe/no-bridge');
  });
});
