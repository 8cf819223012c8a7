import type { McuFacts } from './mcu-facts.ts';
import { stm32f0Can } from './stm32-can.ts';
import { stm32f0 } from './stm32f0.ts';
import { uniformLayouts } from './uniform-pages.ts';

const flashKiBByCode = { '8': 64, B: 128 };

/** Sources: RM0091 rev 10 (pages of 2 KiB); DS9826, "Ordering information"; builds of both firmwares. */
export const stm32f072: McuFacts = {
  ...stm32f0,
  label: 'STM32F072',
  stackPointer: { katapult: 0x20003ff8, klipper: 0x20004000 },
  applicationOffsets: { katapult: [0x1000, 0x2000], klipper: [0, 0x1000, 0x2000, 0x4000] },
  flashKiBByCode,
  sectorLayouts: uniformLayouts(flashKiBByCode, 2),
  can: stm32f0Can,
  marking: /^STM32F072[A-Z0-9]*$/,
};
