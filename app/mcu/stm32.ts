import type { McuFacts } from './mcu-facts.ts';
import { stm32Kconfig } from './stm32-kconfig.ts';
import { stm32Memory } from './stm32-memory.ts';

/** What all STM32 have in common. */
export const stm32: Pick<McuFacts, 'memory' | 'vectorTableOffset' | 'kconfig'> = {
  memory: stm32Memory,
  vectorTableOffset: { katapult: 0, klipper: 0 },
  kconfig: stm32Kconfig,
};
