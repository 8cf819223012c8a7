import type { McuFacts } from './mcu-facts.ts';
import { sectorsOf } from './stm32f4-flash.ts';
import { stm32f4Rom } from './stm32f4-rom.ts';

/**
 * Sources: RM0390 rev 6 ("Memory organization", "Embedded Flash memory", vector table); DS10693, "Ordering information"
 * (C is 256, E is 512 KiB of flash); the clock as in `CLOCK_FREQ` of Klipper's published dictionaries. All of them
 * report the same serial number in DFU (seen in many public `dfu-util -l` listings).
 */
export const stm32f446: McuFacts = {
  label: 'STM32F446',
  clockHz: 180_000_000,
  ramKiB: 128,
  vectorCount: 113,
  flashKiBByCode: { C: 256, E: 512 },
  sectorLayouts: (flashKiB) => ([256, 512].includes(flashKiB) ? [sectorsOf(flashKiB)] : []),
  rom: { ...stm32f4Rom, serial: { constant: 'STM32FxSTM32' } },
};
