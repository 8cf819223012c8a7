import { mcuFacts, type McuName } from '../mcu/mcu.ts';
import { findStoredWords } from './thumb/stored-words.ts';
import { halvesOf, onlyOne } from './words.ts';

/**
 * The clock set-up word RCC_PLLCFGR, and which crystal it expects (RM0090 section 7.3.2, RM0390 section 6.3.2):
 *
 * | 31..28 PLLR (F446) | 27..24 PLLQ | 22 PLLSRC: 1 = crystal | 17..16 PLLP: 0 = 2 | 14..6 PLLN | 5..0 PLLM |
 *
 * The PLL's input is crystal / PLLM, its VCO input * PLLN, the CPU clock VCO / PLLP. Klipper and Katapult use an
 * input of 2 MHz, or of 1 MHz for a 25 MHz crystal on F405, F407 and F429, so the word names the crystal.
 */
const pllConfigAddress = 0x40023804;
/** The value of RCC_PLLCFGR after a reset; both firmwares write it first. */
const resetValue = 0x24003010;
const usbClockHz = 48_000_000;
/** PLLR, which only F446 has; both firmwares set 6. */
const f446PllR = 6;
/** The frequency of the internal oscillator, which is too inexact for USB and CAN. */
const internalHz = 16_000_000;

/** The word that configures `mcu` for a crystal, or for its internal oscillator if `crystalHz` is null. */
export function pllConfig(mcu: McuName, crystalHz: number | null): number {
  const inputHz = mcu !== 'stm32f446xx' && crystalHz === 25_000_000 ? 1_000_000 : 2_000_000;
  const pllM = Math.floor((crystalHz ?? internalHz) / inputHz);
  return (fixedPart(mcu, inputHz) | (crystalHz === null ? 0 : 1 << 22) | pllM) >>> 0;
}

/**
 * The crystal that an image configures its clock for, 0 for the internal oscillator. Null if no clock set-up is found
 * in its code, if one cannot be read or is none of these, or if several differ.
 *
 * What counts is the value that the code stores in RCC_PLLCFGR: GCC 12 and 14 load it as a literal, GCC 8 computes most
 * of them from the reset value. A literal alone proves nothing, but one for another crystal contradicts.
 *
 * A 25 MHz build for F446 divides by 12 like a 24 MHz build and is reported as 24 MHz: that is the crystal it would
 * work with (with 25 MHz the USB clock is 50 MHz and nothing enumerates).
 */
export function findCrystal(words: Uint32Array, mcu: McuName): number | null {
  const setUps = [1_000_000, 2_000_000].map((inputHz) => ({ inputHz, fixedPart: fixedPart(mcu, inputHz) }));
  const crystals: number[] = [];
  for (const word of findStoredWords(halvesOf(words), pllConfigAddress)) {
    if (word === resetValue) continue;
    const crystalHz = word === null ? null : crystalOf(word, setUps);
    if (crystalHz === null) return null;
    crystals.push(crystalHz);
  }
  if (crystals.length === 0) return null;
  for (const word of words) {
    const crystalHz = crystalOf(word, setUps);
    if (crystalHz !== null) crystals.push(crystalHz);
  }
  return onlyOne(crystals);
}

/** A set-up of either firmware, apart from PLLM and PLLSRC. */
interface SetUp {
  readonly inputHz: number;
  readonly fixedPart: number;
}

/** The crystal of a word that is one of these set-ups, 0 for the internal oscillator; null for any other word. */
function crystalOf(word: number, setUps: readonly SetUp[]): number | null {
  const setUp = setUps.find(({ fixedPart }) => (word & ~0x40003f) >>> 0 === fixedPart);
  if (!setUp) return null;
  const crystalHz = (word & 0x3f) * setUp.inputHz;
  if ((word & (1 << 22)) === 0) return crystalHz === internalHz ? 0 : null;
  return crystalHz >= 4_000_000 && crystalHz <= 50_000_000 ? crystalHz : null;
}

function fixedPart(mcu: McuName, inputHz: number): number {
  const vcoHz = mcuFacts[mcu].clockHz * 2;
  const word = ((vcoHz / inputHz) << 6) | (Math.floor(vcoHz / usbClockHz) << 24);
  return (mcu === 'stm32f446xx' ? word | (f446PllR << 28) : word) >>> 0;
}
