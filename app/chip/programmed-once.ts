import { mcuFacts } from '../mcu/mcu.ts';
import type { ChipFacts } from './chip-facts.ts';
import { fittingMcus } from './judge-mcu.ts';

/**
 * Whether a chip in ROM DFU may be one whose flash takes data only once after an erase, all ones included. So it is taken
 * for a chip of which nothing is known.
 */
export function isProgrammedOnce(facts: ChipFacts): boolean {
  const mcus = fittingMcus(facts);
  return mcus.length === 0 || mcus.some((mcu) => mcuFacts[mcu].programming.once);
}
