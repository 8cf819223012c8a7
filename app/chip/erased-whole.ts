import { mcuFacts } from '../mcu/mcu.ts';
import type { ChipFacts } from './chip-facts.ts';
import { fittingMcus } from './judge-mcu.ts';

/**
 * Whether a chip in ROM DFU is one on which Katapult fails at a sector that is not blank: then all of flash is erased when
 * Katapult is installed.
 */
export function isErasedWhole(facts: ChipFacts): boolean {
  return fittingMcus(facts).some((mcu) => mcuFacts[mcu].katapultNeedsBlankSectors);
}
