import type { McuFacts } from './mcu-facts.ts';
import { uniformTiming } from './flash-timing.ts';
import { stm32g0Can } from './stm32-can.ts';
import { stm32g0Clock } from './stm32g0-clock.ts';
import { stm32 } from './stm32.ts';
import { uniformLayouts } from './uniform-pages.ts';

const clockHz = 64_000_000;
const flashKiBByCode = { B: 128, C: 256, E: 512 };

/**
 * Sources: RM0444 rev 5 ("Embedded Flash memory": pages of 2 KiB, 64-bit words with ECC; "Device electronic signature";
 * vector table); DS13560, "Ordering information"; clock, stack and offsets as in builds of Klipper v0.13.0-730 and
 * Katapult v0.0.1-109. Its ROM describes flash three times and nothing else, and reports a serial number from the UID
 * (public `dfu-util -l` listings of EBB36 boards; one of them with its UID and its canbus_uuid). The flag for an empty chip: RM0444, "Boot configuration".
 */
export const stm32g0b1: McuFacts = {
  ...stm32,
  label: 'STM32G0B1',
  clockHz: { katapult: clockHz, klipper: clockHz },
  clock: stm32g0Clock,
  stackPointer: { katapult: 0x20023ff8, klipper: 0x20024000 },
  vectorCount: 47,
  applicationOffsets: { katapult: [0x1000, 0x2000], klipper: [0, 0x2000] },
  flashKiBByCode,
  sectorLayouts: uniformLayouts(flashKiBByCode, 2),
  katapultNeedsBlankSectors: false,
  programming: { unitBytes: 8, once: true },
  // From memory of DS13560, "Flash memory characteristics".
  timing: uniformTiming(22, 22, 8, 85),
  pin: /^P(?:[A-E](?:\d|1[0-5])|F(?:\d|1[0-3]))$/,
  can: stm32g0Can,
  marking: /^STM32G0B1[A-Z0-9]*$/,
  uidAddress: 0x1fff7590,
  flashSizeAddress: 0x1fff75e0,
  romDfu: {
    bcdDevice: 0x0200,
    optionBytes: [],
    otp: null,
    serial: 'uid',
    overstatesFlash: false,
    keepsEmptyFlag: true,
  },
};
