import type { CanPinSymbols, KconfigSymbols } from './kconfig-symbols.ts';

/** Symbols as in `src/stm32/Kconfig` of Klipper and Katapult: facts, not text. */
export const stm32Kconfig: KconfigSymbols = {
  machine: 'MACH_STM32',
  mcu: (mcu) => `MACH_${mcu.slice(0, 9).toUpperCase()}`,
  usb: 'STM32_USB_PA11_PA12',
  bridge: 'STM32_USBCANBUS_PA11_PA12',
  noDeployer: 'STM32_FLASH_START_0000',
  clock: {
    symbol: (crystalHz) => `STM32_CLOCK_REF_${crystalHz / 1_000_000}M`,
    all: /^STM32_CLOCK_REF_(\d+)M$/,
  },
  launch: { symbol: (offset) => `STM32_APP_START_${hex(offset)}`, all: /^STM32_APP_START_(\w+)$/ },
  application: { symbol: (offset) => `STM32_FLASH_START_${hex(offset)}`, all: /^STM32_FLASH_START_(\w+)$/ },
  canPins: { bridge: pinChoice('STM32_CMENU_CANBUS'), node: pinChoice('STM32_MMENU_CANBUS') },
};

/** Pairs whose symbol is in no menu of a role: those of USB, and what they are called where PA9 and PA10 carry them. */
const withoutMenu: ReadonlyMap<string, string> = new Map([
  ['PA11_PA12', 'STM32_CANBUS_PA11_PA12'],
  ['PA9_PA10', 'STM32_CANBUS_PA11_PA12_REMAP'],
  ['PA11_PB9', 'STM32_CANBUS_PA11_PB9'],
]);

function pinChoice(menu: string): CanPinSymbols {
  return {
    settings: (pins) => {
      const pair = pins.join('_');
      // The one pair that Kconfig names with TX first.
      const named = pair === 'PH14_PH13' ? 'PH13_PH14' : pair;
      return [[withoutMenu.get(named) ?? `${menu}_${named}`, 'y']];
    },
    all: new RegExp(`^${menu}_(\\w+)$`),
  };
}

function hex(offset: number): string {
  return offset.toString(16).toUpperCase();
}
