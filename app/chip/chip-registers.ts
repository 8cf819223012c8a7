import { mcuFacts } from '../mcu/mcu.ts';
import type { ChipFacts } from './chip-facts.ts';
import { fittingMcus } from './judge-mcu.ts';

/** Where a chip has its UID and its flash size. */
export interface ChipRegisters {
  readonly uidAddress: number;
  readonly flashSizeAddress: number;
}

/**
 * The places where a chip in ROM DFU may have its registers, by what its descriptors report: the ROM does not name its
 * chip. Each once; empty for a chip of none of the known MCUs.
 */
export function possibleRegisters(facts: ChipFacts): readonly ChipRegisters[] {
  const places = new Map<number, ChipRegisters>();
  for (const mcu of fittingMcus(facts)) {
    const { uidAddress, flashSizeAddress } = mcuFacts[mcu];
    if (uidAddress !== null && flashSizeAddress !== null) {
      places.set(uidAddress, { uidAddress, flashSizeAddress });
    }
  }
  return [...places.values()];
}
