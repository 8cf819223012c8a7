import type { ClockFacts } from './clock-facts.ts';

const clockHz = 72_000_000;
/**
 * RCC_CFGR (RM0008 section 7.3.2): 21..18 PLLMUL - 2, 17 PLLXTPRE: halve the crystal, 16 PLLSRC: 1 = crystal; and what
 * both firmwares always set: 15..14 ADCPRE, 13..11 PPRE2, 10..8 PPRE1.
 */
const bit = { pllMul: 18, halved: 1 << 17, crystal: 1 << 16 } as const;
const fixedPart = (3 << 14) | (4 << 11) | (4 << 8);
const switchBits = 3;
/** Both firmwares write a multiplier of 18, which is more than the four bits hold: the CPU runs slower than they think. */
const internal = fixedPart | (16 << bit.pllMul);

/**
 * The clock set-up word RCC_CFGR of an STM32F103, as both firmwares write it (src/stm32/stm32f1.c): 72 MHz from a crystal,
 * or from half of one where the multiplier would not be whole.
 */
export const stm32f1Clock: ClockFacts = {
  registers: [{ address: 0x40021004, resetValues: [], isAlsoChanged: true }],
  wordsFor: (crystalHz) => {
    if (crystalHz === null) return [internal];
    const halves = Math.floor(clockHz / Math.floor(crystalHz / 2));
    const isHalved = halves % 2 === 1 && halves <= 16;
    const multiplier = isHalved ? halves : Math.floor(halves / 2);
    return [fixedPart | bit.crystal | (isHalved ? bit.halved : 0) | ((multiplier - 2) << bit.pllMul)];
  },
  crystalOf: ([word = 0]) => {
    const multiplier = ((word >>> bit.pllMul) & 15) + 2;
    const rest = (word & ~(15 << bit.pllMul) & ~switchBits) >>> 0;
    if ((word & ~switchBits) >>> 0 === internal) return 0;
    if ((rest & ~bit.halved) >>> 0 !== (fixedPart | bit.crystal)) return null;
    const inputHz = clockHz / multiplier;
    return Number.isInteger(inputHz) ? inputHz * (rest & bit.halved ? 2 : 1) : null;
  },
  isDistinct: false,
  runsUsbFrom: (crystalHz) => crystalHz !== null && clockHz % (crystalHz / 2) === 0,
};
