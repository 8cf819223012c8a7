import type { ClockFacts } from './clock-facts.ts';

const inputHz = 4_000_000;
const internalHz = 16_000_000;
/** PLLSRC: crystal or internal oscillator. */
const source = { crystal: 3, internal: 2 } as const;
/** PLLR, PLLREN, PLLQ, PLLQEN and PLLN: 192 MHz, a third of it for the CPU, a quarter for USB. */
const fixedPart = ((2 << 29) | (1 << 28) | (3 << 25) | (1 << 24) | (48 << 8)) >>> 0;
const chosenBits = 0x73;

/**
 * The clock set-up word RCC_PLLCFGR of an STM32G0 (RM0444 section 5.4.4), as both firmwares write it
 * (src/stm32/stm32g0.c):
 *
 * | 31..29 PLLR - 1 | 28 PLLREN | 27..25 PLLQ - 1 | 24 PLLQEN | 14..8 PLLN | 6..4 PLLM - 1 | 1..0 PLLSRC |
 *
 * They divide a crystal down to 4 MHz, rounding: a build for 25 MHz is the one for 24 MHz, and works only with that.
 */
export const stm32g0Clock: ClockFacts = {
  registers: [{ address: 0x4002100c, resetValues: [0x00001000], isAlsoChanged: false }],
  wordsFor: (crystalHz) => {
    const pllM = Math.floor((crystalHz ?? internalHz) / inputHz);
    return [(fixedPart | ((pllM - 1) << 4) | (crystalHz === null ? source.internal : source.crystal)) >>> 0];
  },
  crystalOf: ([word = 0]) => {
    if ((word & ~chosenBits) >>> 0 !== fixedPart) return null;
    const crystalHz = (((word >>> 4) & 7) + 1) * inputHz;
    if ((word & 3) === source.internal) return crystalHz === internalHz ? 0 : null;
    return (word & 3) === source.crystal && crystalHz >= 8_000_000 ? crystalHz : null;
  },
  isDistinct: true,
  runsUsbFrom: (crystalHz) => crystalHz !== null && crystalHz % inputHz === 0,
};
