import type { MemoryMap } from '../mcu/memory-map.ts';
import type { VectorTable } from './vector-table.ts';
import { onlyOne } from './words.ts';

/**
 * What the start-up code of Klipper and Katapult knows about its own image. Before main, it copies initialised data
 * from flash to RAM and clears the rest; the compiler stores the addresses for that side by side:
 *
 *     | data in RAM, one end | other end | data in flash | bss, one end | other end |
 *
 * Data is first in RAM and last in the file, so its end in flash is the end of the whole file. Seen in images that GCC
 * 12.2 built for F072, F103, F405, F407, F429, F446, G0B1 and H723, of Klipper v0.11.0 to v0.13.0-730 and Katapult
 * v0.0.1 to v0.0.1-109; which end comes first differs between versions. On RP2040 and RP2350 (v0.13.0-730, v0.0.1-109)
 * the vector table is in RAM in front of the data, and the rest begins at the next multiple of 16.
 */
/** The flash address right behind the last byte of the image; null if unknown. */
export function findImageEnd(words: Uint32Array, { flash, ram, vectorBytesInRam }: MemoryMap): number | null {
  const ends: number[] = [];
  for (let index = 0; index + 4 < words.length; index++) {
    const [dataA = 0, dataB = 0, dataFlash = 0, bssA = 0, bssB = 0] = words.subarray(index, index + 5);
    const dataStart = Math.min(dataA, dataB);
    const area = ram.find(({ start }) => dataStart >= start && dataStart <= start + vectorBytesInRam);
    if (area === undefined) continue;
    const dataEnd = Math.max(dataA, dataB);
    const inRam = [dataA, dataB, bssA, bssB].every((address) => address >= area.start && address < area.end);
    const inFlash = dataFlash > flash.start && dataFlash < flash.end && dataFlash % 4 === 0;
    const gap = Math.min(bssA, bssB) - dataEnd;
    const isAdjacent = vectorBytesInRam > 0 ? gap >= 0 && gap < 16 : gap === 0;
    if (inRam && inFlash && isAdjacent) ends.push(dataFlash + dataEnd - dataStart);
  }
  return onlyOne(ends);
}

/**
 * Where the image's first byte belongs: the start-up code writes the address of its vector table to VTOR, so that
 * address is among the literals. Null if none fits the vectors, or several do.
 */
export function findApplicationAddress(
  words: Uint32Array,
  size: number,
  vectors: VectorTable,
  imageEnd: number | null,
  { flash, applicationOffsets }: MemoryMap,
): number | null {
  const possible = applicationOffsets.klipper
    .map((offset) => flash.start + offset)
    .filter(
      (address) =>
        address <= vectors.lowestHandler && vectors.resetVector < address + (flash.end - flash.start),
    );
  const exact = possible.find((address) => imageEnd !== null && imageEnd - address === size);
  if (exact !== undefined && words.includes(exact)) return exact;
  return onlyOne(possible.filter((address) => words.includes(address))) ?? exact ?? null;
}
