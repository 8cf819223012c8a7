import type { RomDfuFacts } from './mcu-facts.ts';

/**
 * What the ROMs of these STM32F4 have in common: option bytes and OTP as their layout strings describe them (RM0090,
 * 39.1 and 39.2; RM0390, 34.1 and 34.2), and the release number in many public `dfu-util -l` listings.
 */
export const stm32f4Rom: Omit<RomDfuFacts, 'serial'> = {
  bcdDevice: 0x2200,
  optionBytes: [0x1fffc000],
  otp: { address: 0x1fff7800, size: 528 },
  overstatesFlash: false,
};
