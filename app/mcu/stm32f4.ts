import type { McuFacts } from './mcu-facts.ts';
import { stm32Kconfig } from './stm32-kconfig.ts';

/** What all STM32F4 have in common: ports A to K of 16 pins (RM0090, "GPIO"), and how they are marked and configured. */
export const stm32f4: Pick<McuFacts, 'kconfig' | 'pin' | 'marking'> = {
  kconfig: stm32Kconfig,
  pin: /^P[A-K](?:\d|1[0-5])$/,
  marking: /^STM32F4[A-Z0-9]+$/,
};
