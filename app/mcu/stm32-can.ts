import type { CanFacts, PinPair } from './can-facts.ts';

/** As `PB8/PB9`, RX first. */
function pairs(...names: readonly string[]): readonly PinPair[] {
  return names.map((name) => {
    const [rx = '', tx = ''] = name.split('/');
    return [rx, tx];
  });
}

/** Offered for every STM32 with CAN (`src/stm32/Kconfig` of both firmwares), PA11/PA12 not beside USB. */
const all = ['PB8/PB9', 'PD0/PD1'];
const usbPins = 'PA11/PA12';
const onlyFdcan = ['PB12/PB13', 'PB0/PB1', 'PD12/PD13', 'PC2/PC3'];
/** RX is PH14 (`src/stm32/fdcan.c`). */
const onlyH743 = 'PH14/PH13';

/** Where ST's bxCAN controllers are on F0, F1 and F4 (RM0091, RM0008, RM0090: "Memory map"). */
const bxcanRegisters = [0x40006400, 0x40006800];

export const stm32f4Can: CanFacts = {
  controller: 'bxcan',
  registers: bxcanRegisters,
  clockHz: (cpuHz) => cpuHz / 4,
  pins: {
    bridge: pairs(...all, 'PI9/PH13', 'PB5/PB6', 'PB12/PB13'),
    node: {
      klipper: pairs(usbPins, ...all, 'PI9/PH13', 'PB5/PB6', 'PB12/PB13'),
      katapult: pairs(usbPins, ...all, 'PI9/PH13', 'PB5/PB6', 'PB12/PB13'),
    },
  },
  noBridge: null,
};

export const stm32f0Can: CanFacts = {
  controller: 'bxcan',
  registers: bxcanRegisters,
  clockHz: (cpuHz) => cpuHz,
  pins: {
    bridge: pairs(...all),
    node: { klipper: pairs(usbPins, ...all), katapult: pairs(usbPins, ...all) },
  },
  noBridge: null,
};

/** The F042 in a small package has PA11 and PA12 on the pins of PA9 and PA10, which Kconfig calls them by. */
export const stm32f042Can: CanFacts = {
  ...stm32f0Can,
  pins: {
    bridge: pairs(...all),
    node: { klipper: pairs(usbPins, 'PA9/PA10', ...all), katapult: pairs(usbPins, 'PA9/PA10', ...all) },
  },
};

/** USB and bxCAN share one 512-byte SRAM and cannot be used at once (RM0008 rev 21, section 24.2). */
export const stm32f1Can: CanFacts = {
  ...stm32f0Can,
  clockHz: (cpuHz) => cpuHz / 2,
  pins: { bridge: [], node: { klipper: pairs(usbPins, ...all), katapult: pairs(usbPins, ...all) } },
  noBridge: 'its USB and CAN peripherals share one block of memory and cannot run at the same time',
};

/** RM0444 section 2.2.2. Classic frames only. */
export const stm32g0Can: CanFacts = {
  controller: 'fdcan',
  registers: [0x40006400, 0x40006800],
  clockHz: (cpuHz) => cpuHz,
  pins: {
    bridge: pairs(...all, 'PB5/PB6', ...onlyFdcan),
    node: {
      klipper: pairs(usbPins, 'PA11/PB9', ...all, ...onlyFdcan),
      katapult: pairs(usbPins, 'PA11/PB9', ...all, 'PB5/PB6', ...onlyFdcan),
    },
  },
  noBridge: null,
};

/** RM0468 and RM0433, table 8 of each. Classic frames only; the controllers run at a quarter of the CPU clock. */
export const stm32h7Can: CanFacts = {
  controller: 'fdcan',
  registers: [0x4000a000, 0x4000a400],
  clockHz: (cpuHz) => cpuHz / 4,
  pins: {
    bridge: pairs(...all, 'PB5/PB6', ...onlyFdcan),
    node: {
      klipper: pairs(usbPins, 'PA11/PB9', ...all, 'PB5/PB6', ...onlyFdcan),
      katapult: pairs(usbPins, 'PA11/PB9', ...all, ...onlyFdcan),
    },
  },
  noBridge: null,
};

export const stm32h743Can: CanFacts = {
  ...stm32h7Can,
  pins: {
    bridge: pairs(...all, 'PB5/PB6', ...onlyFdcan, onlyH743),
    node: {
      klipper: pairs(usbPins, 'PA11/PB9', ...all, 'PB5/PB6', ...onlyFdcan, onlyH743),
      katapult: pairs(usbPins, 'PA11/PB9', ...all, ...onlyFdcan, onlyH743),
    },
  },
};
