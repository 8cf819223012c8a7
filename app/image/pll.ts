import { mcuFacts, type McuName } from '../boards/mcu.ts';

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
  const vcoHz = mcuFacts[mcu].clockHz * 2;
  const pllM = Math.floor((crystalHz ?? internalHz) / inputHz);
  const word =
    pllM |
    ((vcoHz / inputHz) << 6) |
    (Math.floor(vcoHz / usbClockHz) << 24) |
    (crystalHz === null ? 0 : 1 << 22);
  return (mcu === 'stm32f446xx' ? word | (f446PllR << 28) : word) >>> 0;
}
