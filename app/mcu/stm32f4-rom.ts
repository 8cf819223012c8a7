import type { RomFacts } from './mcu-facts.ts';

/**
 * What the ROMs of these STM32F4 have in common: option bytes and OTP as their layout strings describe them, UID and
 * flash size register (RM0090, 39.1 and 39.2; RM0390, 34.1 and 34.2).
 */
export const stm32f4Rom: Omit<RomFacts, 'serial'> = {
  optionBytes: [0x1fffc000],
  otp: { address: 0x1fff7800, size: 528 },
  overstatesFlash: false,
  uidAddress: 0x1fff7a10,
  flashSizeAddress: 0x1fff7a22,
};
