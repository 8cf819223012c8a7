import { mcuFacts, type McuName } from '../mcu/mcu.ts';
import { onlyOne } from './words.ts';

/**
 * The clock set-up word RCC_PLLCFGR, and which crystal it expects (RM0090 section 7.3.2, RM0390 section 6.3.2):
 *
 * | 31..28 PLLR (F446) | 27..24 PLLQ | 22 PLLSRC: 1 = crystal | 17..16 PLLP: 0 = 2 | 14..6 PLLN | 5..0 PLLM |
 *
 * The PLL's input is crystal / PLLM, its VCO input * PLLN, the CPU clock VCO / PLLP. Klipper and Katapult use an
 * input of 2 MHz, or of 1 MHz for a 25 MHz crystal on F405, F407 and F429, so the word names the crystal.
 */
const usbClockHz = 48_000_000;
/** PLLR, which F446 alone has; both firmwares set 6. */
const f446PllR = 6;
/** What the internal oscillator gives; it is too inexact for USB and CAN. */
const internalHz = 16_000_000;

/** The word that sets `mcu` up for a crystal, or for its internal oscillator where `crystalHz` is null. */
export function pllConfig(mcu: McuName, crystalHz: number | null): number {
  const inputHz = mcu !== 'stm32f446xx' && crystalHz === 25_000_000 ? 1_000_000 : 2_000_000;
  const pllM = Math.floor((crystalHz ?? internalHz) / inputHz);
  return (fixedPart(mcu, inputHz) | (crystalHz === null ? 0 : 1 << 22) | pllM) >>> 0;
}

/**
 * The crystal that the clock set-up in an image is for, 0 for the internal oscillator, or null where no word of the
 * image is such a set-up or where several differ.
 *
 * A 25 MHz build for F446 divides by 12 as a 24 MHz build does and is told as 24 MHz: that is the crystal it would
 * work with (with 25 MHz the USB clock is 50 MHz and nothing enumerates).
 */
export function findCrystal(words: Uint32Array, mcu: McuName): number | null {
  const crystals: number[] = [];
  for (const inputHz of [1_000_000, 2_000_000]) {
    const fixed = fixedPart(mcu, inputHz);
    for (const word of words) {
      const pllM = word & 0x3f;
      const crystalHz = pllM * inputHz;
      if ((word & ~0x40003f) >>> 0 !== fixed || crystalHz < 4_000_000 || crystalHz > 50_000_000) continue;
      const usesCrystal = (word & (1 << 22)) !== 0;
      if (usesCrystal || crystalHz === internalHz) crystals.push(usesCrystal ? crystalHz : 0);
    }
  }
  return onlyOne(crystals);
}

/** Everything but PLLM and PLLSRC. */
function fixedPart(mcu: McuName, inputHz: number): number {
  const vcoHz = mcuFacts[mcu].clockHz * 2;
  const word = ((vcoHz / inputHz) << 6) | (Math.floor(vcoHz / usbClockHz) << 24);
  return (mcu === 'stm32f446xx' ? word | (f446PllR << 28) : word) >>> 0;
}
