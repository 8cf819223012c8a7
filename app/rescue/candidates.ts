import { isMcuName, mcuFacts } from '../mcu/mcu.ts';

/** The crystals of boards with these chips, most frequent first; Katapult's Kconfig offers all of them. */
const usualHz: readonly number[] = [8_000_000, 12_000_000, 25_000_000, 16_000_000, 20_000_000];

interface CandidateChoice {
  /** Klipper's name of the chip. */
  readonly mcu: string;
  /** The crystal that the firmware is meant for; null if unknown. */
  readonly chosenHz: number | null;
  /** The crystals of the preset's other variants. */
  readonly variantsHz: readonly number[];
}

/**
 * The crystals that a search tries, in this order: the chosen one, those of the preset's other variants, then the usual
 * ones. Crystals from which no build for this chip gets 48 MHz for USB are left out.
 */
export function candidateCrystals({ mcu, chosenHz, variantsHz }: CandidateChoice): readonly number[] {
  const wanted = [...(chosenHz === null ? [] : [chosenHz]), ...variantsHz, ...usualHz];
  return [...new Set(wanted)].filter((crystalHz) => givesUsbClock(mcu, crystalHz));
}

/** Every crystal is tried for a chip that is unknown. */
function givesUsbClock(mcu: string, crystalHz: number): boolean {
  return !isMcuName(mcu) || mcuFacts[mcu].clock?.runsUsbFrom(crystalHz) !== false;
}
