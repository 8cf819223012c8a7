import type { ClockFacts } from './clock-facts.ts';

const usualInputHz = 4_000_000;
const inputFor25MHz = 5_000_000;
const internalHz = 64_000_000;

interface PllClocks {
  /** What the PLL runs at, and what is left of it for the CPU; peripherals have a quarter of that. */
  readonly pllHz: number;
  readonly cpuHz: number;
}

/** Down to 4 MHz, or for 25 MHz to 5 MHz. */
function inputOf(crystalHz: number | null): number {
  return crystalHz === 25_000_000 ? inputFor25MHz : usualInputHz;
}

/**
 * The clock set-up of an STM32H7 (RM0468 section 8.7.11 and 8.7.13, RM0433 section 8.7.10 and 8.7.12), as both firmwares
 * write it (src/stm32/stm32h7.c): RCC_PLLCKSELR names source and divider, RCC_PLL1DIVR the multiplier.
 *
 * | PLLCKSELR | 9..4 DIVM1 | 1..0 PLLSRC: 0 internal, 2 crystal |
 * | PLL1DIVR | 22..16 DIVQ1 - 1 | 15..9 DIVP1 - 1 | 8..0 DIVN1 - 1 |
 *
 * 20 and 25 MHz have the same divider, so only the multiplier tells them apart. `clocks`: of all versions, the newest
 * first. USB has a clock of its own.
 */
export function stm32h7Clock(clocks: readonly [PllClocks, ...PllClocks[]]): ClockFacts {
  const [{ pllHz, cpuHz }] = clocks;
  const pllsHz = clocks.map((each) => each.pllHz);
  return {
    registers: [
      { address: 0x58024428, resetValues: [0x02020200], isAlsoChanged: false },
      { address: 0x58024430, resetValues: [0x01010280], isAlsoChanged: false },
    ],
    wordsFor: (crystalHz) => {
      const inputHz = inputOf(crystalHz);
      const divM = Math.floor((crystalHz ?? internalHz) / inputHz);
      const dividers = ((pllHz / (cpuHz / 4) - 1) << 16) | ((pllHz / cpuHz - 1) << 9) | (pllHz / inputHz - 1);
      return [(divM << 4) | (crystalHz === null ? 0 : 2), dividers];
    },
    crystalOf: ([select = 0, dividers = 0]) => {
      const multiplier = (dividers & 0x1ff) + 1;
      const inputHz = [usualInputHz, inputFor25MHz].find((hz) => pllsHz.includes(multiplier * hz));
      if (inputHz === undefined || (select & ~0x3f3) !== 0) return null;
      const crystalHz = ((select >>> 4) & 0x3f) * inputHz;
      if ((select & 3) === 0) return crystalHz === internalHz ? 0 : null;
      if ((select & 3) !== 2 || crystalHz < 4_000_000 || crystalHz > 50_000_000) return null;
      return inputOf(crystalHz) === inputHz ? crystalHz : null;
    },
    isDistinct: false,
    runsUsbFrom: (crystalHz) => crystalHz !== null && crystalHz % inputOf(crystalHz) === 0,
  };
}
