import type { McuFacts } from './mcu-facts.ts';
import { sectorsOf } from './stm32f4-flash.ts';
import { stm32f4Clock } from './stm32f4-clock.ts';
import { stm32f4 } from './stm32f4.ts';
import { stm32f4Rom } from './stm32f4-rom.ts';

const clockHz = 180_000_000;

/**
 * Sources: RM0390 rev 6 ("Memory organization", "Embedded Flash memory", vector table); DS10693, "Ordering information"
 * (C is 256, E is 512 KiB of flash); the clock as in `CLOCK_FREQ` of Klipper's published dictionaries. All of them
 * report the same serial number in DFU (seen in many public `dfu-util -l` listings).
 */
export const stm32f446: McuFacts = {
  ...stm32f4,
  label: 'STM32F446',
  clockHz: { katapult: clockHz, klipper: clockHz },
  // 25 MHz gives its USB 50 MHz: both firmwares divide every crystal down to 2 MHz here.
  clock: stm32f4Clock({ clockHz, pllR: 6, inputHz: () => 2_000_000 }),
  applicationOffsets: { katapult: [0x4000, 0x8000], klipper: [0, 0x8000, 0x10000] },
  vectorCount: 113,
  flashKiBByCode: { C: 256, E: 512 },
  sectorLayouts: (flashKiB) => ([256, 512].includes(flashKiB) ? [sectorsOf(flashKiB)] : []),
  romDfu: { ...stm32f4Rom, serial: { constant: 'STM32FxSTM32' } },
};
