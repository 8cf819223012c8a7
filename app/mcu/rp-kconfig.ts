import type { CanPinSymbols, KconfigSymbols } from './kconfig-symbols.ts';

/** Pins are numbers here, the same symbols for bridge and node. */
const pins: CanPinSymbols = {
  settings: ([receive, transmit]) => [
    ['RPXXXX_CANBUS_GPIO_RX', receive.replace('gpio', '')],
    ['RPXXXX_CANBUS_GPIO_TX', transmit.replace('gpio', '')],
  ],
  all: null,
};

/** Symbols as in `src/rp2040/Kconfig` of Klipper and Katapult: facts, not text. */
export const rpKconfig: KconfigSymbols = {
  machine: 'MACH_RPXXXX',
  mcu: (mcu) => `MACH_${mcu.toUpperCase()}`,
  usb: 'RPXXXX_USB',
  bridge: 'RPXXXX_USBCANBUS',
  noDeployer: 'RPXXXX_FLASH_START_0100',
  clock: null,
  launch: null,
  application: {
    symbol: (offset) => `RPXXXX_FLASH_START_${offset === 0 ? '0100' : offset.toString(16).toUpperCase()}`,
    all: /^RPXXXX_FLASH_START_(\w+)$/,
  },
  canPins: {
    bridge: pins,
    node: { ...pins, settings: (pair) => [['RPXXXX_CANBUS', 'y'], ...pins.settings(pair)] },
  },
};

/**
 * By the flash chip on the board, for the second stage of its boot, which comes with Katapult on an RP2040 (both
 * firmwares: `src/rp2040/Kconfig`, "Flash chip"). Without one of them a build takes the first.
 */
export const rpFlashChips = {
  w25q080: 'RP2040_FLASH_W25Q080',
  'generic-03': 'RP2040_FLASH_GENERIC_03',
} as const;
