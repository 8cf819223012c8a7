import type { McuFacts } from './mcu-facts.ts';
import { stm32f042Can } from './stm32-can.ts';
import { stm32f0 } from './stm32f0.ts';
import { uniformLayouts } from './uniform-pages.ts';

const flashKiBByCode = { '4': 16, '6': 32 };

/**
 * Sources: RM0091 rev 10 (pages of 1 KiB); DS10184, "Ordering information"; builds of both firmwares. Klipper with all
 * its features is larger than the flash: it fits only without most of them (`WANT_...` of its Kconfig).
 */
export const stm32f042: McuFacts = {
  ...stm32f0,
  label: 'STM32F042',
  stackPointer: { katapult: 0x200017f8, klipper: 0x20001800 },
  applicationOffsets: { katapult: [0x1000, 0x2000], klipper: [0, 0x1000, 0x2000] },
  flashKiBByCode,
  sectorLayouts: uniformLayouts(flashKiBByCode, 1),
  can: stm32f042Can,
  marking: /^STM32F042[A-Z0-9]*$/,
};
