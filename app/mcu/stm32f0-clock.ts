import type { ClockFacts } from './clock-facts.ts';

const clockHz = 48_000_000;
/** RCC_CFGR: 21..18 PLLMUL - 2, 16 PLLSRC: 1 = crystal, 1..0 SW: 2 = PLL, 3 = HSI48 (RM0091 section 6.4.2). */
const bit = { pllMul: 18, crystal: 1 << 16 } as const;
const switchBits = 3;
const hsi48 = 3;
/** Half of 8 MHz. */
const internalInputHz = 4_000_000;

/**
 * The clock set-up word RCC_CFGR of an STM32F0x2, as both firmwares write it (src/stm32/stm32f0.c): 48 MHz from a crystal
 * times a whole number, from the internal 8 MHz, or from the internal 48 MHz that USB keeps exact.
 */
export const stm32f0Clock: ClockFacts = {
  registers: [{ address: 0x40021004, resetValues: [], isAlsoChanged: true }],
  wordsFor: (crystalHz) => {
    if (crystalHz === null) return [hsi48];
    return [bit.crystal | ((Math.floor(clockHz / crystalHz) - 2) << bit.pllMul)];
  },
  crystalOf: ([word = 0]) => {
    if (word === hsi48) return 0;
    const set = (word & ~switchBits) >>> 0;
    const multiplier = ((set >>> bit.pllMul) & 15) + 2;
    if ((set & ~(15 << bit.pllMul)) === 0) return multiplier * internalInputHz === clockHz ? 0 : null;
    if ((set & ~(15 << bit.pllMul)) !== bit.crystal) return null;
    return clockHz % multiplier === 0 ? clockHz / multiplier : null;
  },
  isDistinct: false,
  runsUsbFrom: (crystalHz) => crystalHz === null || (clockHz % crystalHz === 0 && crystalHz <= clockHz / 2),
};
