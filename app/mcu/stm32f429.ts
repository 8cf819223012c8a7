import type { McuFacts } from './mcu-facts.ts';
import { sectorsOf, sectorsOfBanks } from './stm32f4-flash.ts';
import { stm32f4Clock, usualInputHz } from './stm32f4-clock.ts';
import { stm32f4 } from './stm32f4.ts';
import { stm32f4Rom } from './stm32f4-rom.ts';

const dualBankKiB = 512;
const clockHz = 168_000_000;

/**
 * Sources: RM0090 rev 19 ("Memory organization", "Embedded Flash memory", vector table): option bytes for the second
 * bank at 0x1FFEC000, and 1 MiB in one bank or, with the option bit DB1M, in two of 512 KiB. DS9405, "Ordering
 * information" (E is 512, G 1024, I 2048 KiB of flash). The clock as in `CLOCK_FREQ` of Klipper's published
 * dictionaries. Too few serial numbers of an STM32F429 in DFU are known to rely on them.
 */
export const stm32f429: McuFacts = {
  ...stm32f4,
  label: 'STM32F429',
  clockHz: { katapult: clockHz, klipper: clockHz },
  clock: stm32f4Clock({ clockHz, pllR: null, inputHz: usualInputHz }),
  vectorCount: 107,
  flashKiBByCode: { E: 512, G: 1024, I: 2048 },
  sectorLayouts: (flashKiB) => {
    if (flashKiB === 1024) return [sectorsOf(flashKiB), sectorsOfBanks(flashKiB, dualBankKiB)];
    return flashKiB === 512 || flashKiB === 2048 ? [sectorsOf(flashKiB)] : [];
  },
  romDfu: { ...stm32f4Rom, optionBytes: [0x1fffc000, 0x1ffec000], serial: null },
};
