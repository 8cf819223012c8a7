import type { McuFacts } from './mcu-facts.ts';
import { stm32f407 } from './stm32f407.ts';

/** The STM32F407 without Ethernet and camera (DS8626, table 2): the same die, the same ROM, the same sizes. */
export const stm32f405: McuFacts = { ...stm32f407, label: 'STM32F405' };
