import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kconfigOf } from '../../../app/mcu/mcu.ts';
import { fragmentOf } from '../../../app/build/fragment.ts';
import { formatKconfig } from '../../../app/build/kconfig.ts';
import { makeRecipe } from '../../../app/build/recipe.ts';
import { codeOf } from '../../error-code.ts';
import { octopus, octopusInput } from './octopus.ts';

describe('the kconfig fragment', () => {
  it('of Katapult for an Octopus F446 with 12 MHz', () => {
    expect(formatKconfig(fragmentOf(octopus, 'katapult').asked)).toBe(
      [
        'CONFIG_MACH_STM32=y',
        'CONFIG_MACH_STM32F446=y',
        'CONFIG_STM32_CLOCK_REF_12M=y',
        'CONFIG_STM32_USB_PA11_PA12=y',
        'CONFIG_STM32_APP_START_8000=y',
        'CONFIG_STM32_FLASH_START_0000=y',
        'CONFIG_ENABLE_DOUBLE_RESET=y',
        '',
      ].join('\n'),
    );
  });

  it('of both firmwares for a node with an RP2040, as both trees take it', () => {
    const node = makeRecipe({
      ...{ mcu: 'rp2040', crystalHz: 12_000_000, applicationOffset: 0x4000, bitrateBps: 500_000 },
      ...{ role: 'node', canPins: ['gpio1', 'gpio0'] },
    });
    const talk = [
      ...['CONFIG_RPXXXX_CANBUS=y', 'CONFIG_RPXXXX_CANBUS_GPIO_RX=1', 'CONFIG_RPXXXX_CANBUS_GPIO_TX=0'],
      'CONFIG_CANBUS_FREQUENCY=500000',
    ];
    const machine = ['CONFIG_MACH_RPXXXX=y', 'CONFIG_MACH_RP2040=y'];
    const katapult = fragmentOf(node, 'katapult');
    expect(formatKconfig(katapult.asked).trim().split('\n')).toEqual([
      ...[...machine, ...talk, 'CONFIG_RPXXXX_FLASH_START_0100=y', 'CONFIG_ENABLE_DOUBLE_RESET=y'],
    ]);
    // Behind the second stage.
    expect(katapult.derived.get('FLASH_APPLICATION_ADDRESS')).toBe('0x10000100');
    expect(katapult.derived.get('LAUNCH_APP_ADDRESS')).toBe('0x10004000');
    expect(formatKconfig(fragmentOf(node, 'klipper').asked).trim().split('\n')).toEqual([
      ...['CONFIG_LOW_LEVEL_OPTIONS=y', ...machine, 'CONFIG_RPXXXX_FLASH_START_4000=y', ...talk],
    ]);
    const other = fragmentOf({ ...node, mcu: 'rp2350' }, 'katapult');
    expect(other.asked.get('RPXXXX_FLASH_START_0000')).toBe('y');
    expect(other.derived.get('FLASH_APPLICATION_ADDRESS')).toBe('0x10000000');
  });

  it('of Klipper for an Octopus F446 with 12 MHz', () => {
    expect(formatKconfig(fragmentOf(octopus, 'klipper').asked)).toBe(
      [
        'CONFIG_LOW_LEVEL_OPTIONS=y',
        'CONFIG_MACH_STM32=y',
        'CONFIG_MACH_STM32F446=y',
        'CONFIG_STM32_FLASH_START_8000=y',
        'CONFIG_STM32_CLOCK_REF_12M=y',
        'CONFIG_STM32_USBCANBUS_PA11_PA12=y',
        'CONFIG_STM32_CMENU_CANBUS_PD0_PD1=y',
        'CONFIG_CANBUS_FREQUENCY=1000000',
        '',
      ].join('\n'),
    );
  });

  it('names the chip, the crystal, the pins and the bit rate of other boards', () => {
    const other = makeRecipe({
      mcu: 'stm32f407xx',
      crystalHz: 8_000_000,
      applicationOffset: 0x4000,
      canPins: ['PB8', 'PB9'],
      bitrateBps: 500_000,
    });
    const { asked, derived } = fragmentOf(other, 'klipper');
    expect(asked.get('MACH_STM32F407')).toBe('y');
    expect(asked.get('STM32_CLOCK_REF_8M')).toBe('y');
    expect(asked.get('STM32_CMENU_CANBUS_PB8_PB9')).toBe('y');
    expect(asked.get('STM32_FLASH_START_4000')).toBe('y');
    expect(asked.get('CANBUS_FREQUENCY')).toBe('500000');
    expect(derived.get('MCU')).toBe('"stm32f407xx"');
    expect(kconfigOf('stm32h723xx').mcu('stm32h723xx')).toBe('MACH_STM32H723');
  });

  it('of a node has both firmwares talk on the bus, of a USB device neither', () => {
    const node = makeRecipe({ ...octopusInput, role: 'node', canPins: ['PB8', 'PB9'], bitrateBps: 500_000 });
    for (const target of ['katapult', 'klipper'] as const) {
      const { asked, derived } = fragmentOf(node, target);
      expect(asked.get('STM32_MMENU_CANBUS_PB8_PB9')).toBe('y');
      expect(asked.get('CANBUS_FREQUENCY')).toBe('500000');
      expect(derived.get('CANSERIAL')).toBe('y');
      expect([...asked.keys()].filter((symbol) => /USB|CMENU/.test(symbol))).toEqual([]);
    }
    const usb = makeRecipe({ ...octopusInput, role: 'usb' });
    for (const target of ['katapult', 'klipper'] as const) {
      const { asked, derived } = fragmentOf(usb, target);
      expect(asked.get('STM32_USB_PA11_PA12')).toBe('y');
      expect(derived.get('USBSERIAL')).toBe('y');
      expect([...asked.keys()].filter((symbol) => /CAN/.test(symbol))).toEqual([]);
    }
  });

  it('puts Klipper where Katapult starts it, whatever the recipe', () => {
    const recipes = fc.record({
      mcu: fc.constantFrom('stm32f446xx', 'stm32f407xx', 'stm32f429xx', 'stm32h723xx'),
      crystalHz: fc.constantFrom(8, 12, 16, 20, 25).map((mhz) => mhz * 1_000_000),
      applicationOffset: fc.integer({ min: 4, max: 0x1000 }).map((pages) => pages * 0x100),
      canPins: fc.constant(['PD0', 'PD1'] as const),
      bitrateBps: fc.constantFrom(250_000, 500_000, 1_000_000),
    });
    fc.assert(
      fc.property(recipes, (input) => {
        const recipe = makeRecipe(input);
        const katapult = fragmentOf(recipe, 'katapult');
        const klipper = fragmentOf(recipe, 'klipper');
        expect(katapult.derived.get('LAUNCH_APP_ADDRESS')).toBe(
          klipper.derived.get('FLASH_APPLICATION_ADDRESS'),
        );
        expect(katapult.derived.get('CLOCK_REF_FREQ')).toBe(klipper.derived.get('CLOCK_REF_FREQ'));
      }),
    );
  });

  it('takes extra symbols for the firmware they are meant for', () => {
    const recipe = makeRecipe({
      ...octopusInput,
      extra: { katapult: { STATUS_LED_PIN: '"PA13"' } },
    });
    expect(fragmentOf(recipe, 'katapult').asked.get('STATUS_LED_PIN')).toBe('"PA13"');
    expect(fragmentOf(recipe, 'klipper').asked.has('STATUS_LED_PIN')).toBe(false);
  });

  it('refuses an extra symbol that contradicts the recipe, asked or derived', () => {
    for (const [symbol, value] of [
      ['CANBUS_FREQUENCY', '500000'],
      ['FLASH_APPLICATION_ADDRESS', '0x8010000'],
      ['FLASH_START', '0x8010000'],
      ['LOW_LEVEL_OPTIONS', 'n'],
    ] as const) {
      const recipe = makeRecipe({ ...octopusInput, extra: { klipper: { [symbol]: value } } });
      expect(codeOf(() => fragmentOf(recipe, 'klipper'))).toBe('recipe/conflict');
    }
    const same = makeRecipe({
      ...octopusInput,
      extra: { klipper: { CANBUS_FREQUENCY: '0xF4240' } },
    });
    expect(codeOf(() => fragmentOf(same, 'klipper'))).toBe('no error');
  });
});
