import type { McuFacts } from './mcu-facts.ts';
import { stm32h743Can } from './stm32-can.ts';
import { stm32h7Clock } from './stm32h7-clock.ts';
import { stm32h7 } from './stm32h7.ts';
import { uniformLayouts } from './uniform-pages.ts';

const flashKiBByCode = { I: 2048 };

/**
 * Sources: RM0433 rev 8 (vector table); DS12110, "Ordering information". The 1 MiB part is not here: its second bank
 * begins 1 MiB behind the first, and what its ROM describes has not been seen. Every H743 and H750 reports the same serial
 * number in DFU (many public `dfu-util -l` listings).
 */
export const stm32h743: McuFacts = {
  ...stm32h7,
  label: 'STM32H743',
  clockHz: { katapult: 400_000_000, klipper: 400_000_000 },
  clock: stm32h7Clock([{ pllHz: 800_000_000, cpuHz: 400_000_000 }]),
  vectorCount: 166,
  flashKiBByCode,
  sectorLayouts: uniformLayouts(flashKiBByCode, 128),
  katapultNeedsBlankSectors: false,
  can: stm32h743Can,
  marking: /^STM32H743[A-Z0-9]*$/,
  romDfu: {
    bcdDevice: 0x0200,
    optionBytes: [0x5200201c],
    otp: null,
    serial: { constant: '200364500000' },
    overstatesFlash: false,
  },
};
