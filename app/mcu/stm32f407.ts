import type { McuFacts } from './mcu-facts.ts';
import { sectorsOf } from './stm32f4-flash.ts';
import { stm32f4Clock, usualInputHz } from './stm32f4-clock.ts';
import { stm32f4 } from './stm32f4.ts';
import { stm32f4Rom } from './stm32f4-rom.ts';

const clockHz = 168_000_000;

/**
 * Sources: RM0090 rev 19 ("Memory organization", "Embedded Flash memory", vector table); DS8626, "Ordering information"
 * (E is 512, G is 1024 KiB of flash); the clock as in `CLOCK_FREQ` of Klipper's published dictionaries. Its ROM has
 * been seen describing 1024 KiB on a board whose STM32F407VET6 has 512 (`dfu-util -l` in platformio/platform-ststm32,
 * issue 118, comment of 2020-11-30), so 1024 proves nothing there.
 */
export const stm32f407: McuFacts = {
  ...stm32f4,
  label: 'STM32F407',
  clockHz: { katapult: clockHz, klipper: clockHz },
  clock: stm32f4Clock({ clockHz, pllR: null, inputHz: usualInputHz }),
  vectorCount: 98,
  flashKiBByCode: { E: 512, G: 1024 },
  sectorLayouts: (flashKiB) => ([512, 1024].includes(flashKiB) ? [sectorsOf(flashKiB)] : []),
  romDfu: { ...stm32f4Rom, serial: 'uid', overstatesFlash: true },
};
