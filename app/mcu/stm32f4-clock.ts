import type { ClockFacts } from './clock-facts.ts';

const usbClockHz = 48_000_000;
/** What the internal oscillator gives; it is too inexact for USB and CAN. */
const internalHz = 16_000_000;
const crystalBit = 1 << 22;

interface PllOptions {
  readonly clockHz: number;
  /** PLLR, which some chips have; both firmwares set the same. Null for a chip without it. */
  readonly pllR: number | null;
  /** What both firmwares divide a crystal down to for the PLL. */
  readonly inputHz: (crystalHz: number | null) => number;
}

/**
 * The clock set-up word RCC_PLLCFGR of an STM32F4 (RM0090 section 7.3.2, RM0390 section 6.3.2):
 *
 * | 31..28 PLLR (F446) | 27..24 PLLQ | 22 PLLSRC: 1 = crystal | 17..16 PLLP: 0 = 2 | 14..6 PLLN | 5..0 PLLM |
 *
 * The PLL's input is crystal / PLLM, its VCO input * PLLN, the CPU clock VCO / PLLP: with what both firmwares choose,
 * the word names the crystal (src/stm32/stm32f4.c of both).
 */
export function stm32f4Clock({ clockHz, pllR, inputHz }: PllOptions): ClockFacts {
  /** A set-up of either firmware but for PLLM and PLLSRC. */
  const fixedPart = (pllInputHz: number): number => {
    const vcoHz = clockHz * 2;
    const word = ((vcoHz / pllInputHz) << 6) | (Math.floor(vcoHz / usbClockHz) << 24);
    return (pllR === null ? word : word | (pllR << 28)) >>> 0;
  };
  const setUps = [1_000_000, 2_000_000].map((hz) => ({ hz, fixedPart: fixedPart(hz) }));
  return {
    registers: [{ address: 0x40023804, resetValues: [0x24003010], isAlsoChanged: false }],
    wordsFor: (crystalHz) => {
      const hz = inputHz(crystalHz);
      const pllM = Math.floor((crystalHz ?? internalHz) / hz);
      return [(fixedPart(hz) | (crystalHz === null ? 0 : crystalBit) | pllM) >>> 0];
    },
    isDistinct: true,
    crystalOf: ([word = 0]) => {
      const setUp = setUps.find((each) => (word & ~0x40003f) >>> 0 === each.fixedPart);
      if (!setUp) return null;
      const crystalHz = (word & 0x3f) * setUp.hz;
      if ((word & crystalBit) === 0) return crystalHz === internalHz ? 0 : null;
      return crystalHz >= 4_000_000 && crystalHz <= 50_000_000 ? crystalHz : null;
    },
    runsUsbFrom: (crystalHz) => crystalHz !== null && crystalHz % inputHz(crystalHz) === 0,
  };
}

/** Down to 2 MHz, or for 25 MHz to 1 MHz. */
export function usualInputHz(crystalHz: number | null): number {
  return crystalHz === 25_000_000 ? 1_000_000 : 2_000_000;
}
