import type { MemoryLayout, MemorySegment } from './memory-layout.ts';

/** One sector: the smallest erasable unit. */
export interface Sector {
  readonly address: number;
  readonly size: number;
}

/** A contiguous range of memory. */
interface MemoryRange {
  readonly startAddress: number;
  readonly size: number;
}

/** More sectors than any flash that speaks DfuSe has: a garbled layout must not fill the memory. */
const maxSectors = 4096;

function segmentEnd(segment: MemorySegment): number {
  return segment.startAddress + segment.sectorCount * segment.sectorSize;
}

/** The run of sectors that holds an address, or null. */
export function segmentAt(layout: MemoryLayout, address: number): MemorySegment | null {
  return (
    layout.segments.find((segment) => address >= segment.startAddress && address < segmentEnd(segment)) ??
    null
  );
}

/** Whether a run of sectors can be read, erased and written. */
export function isUsableFlash(segment: MemorySegment | null): boolean {
  return segment !== null && segment.readable && segment.erasable && segment.writable;
}

/** The sector that holds an address; null if the layout has none there. */
export function sectorAt(layout: MemoryLayout, address: number): Sector | null {
  const segment = segmentAt(layout, address);
  if (!segment) return null;
  const index = Math.floor((address - segment.startAddress) / segment.sectorSize);
  return { address: segment.startAddress + index * segment.sectorSize, size: segment.sectorSize };
}

/** Every sector that holds one of `length` bytes from `address`, ascending; null if the layout has a gap there. */
export function sectorsCovering(
  layout: MemoryLayout,
  address: number,
  length: number,
): readonly Sector[] | null {
  const sectors: Sector[] = [];
  for (let at = address; at < address + length;) {
    const sector = sectorAt(layout, at);
    if (!sector || sectors.length === maxSectors) return null;
    sectors.push(sector);
    at = sector.address + sector.size;
  }
  return sectors;
}

/** All contiguous memory around an address, across runs of sectors and ranges; null if there is none. */
export function rangeAround(layout: MemoryLayout, address: number): MemoryRange | null {
  const segment = segmentAt(layout, address);
  if (!segment) return null;
  let startAddress = segment.startAddress;
  let endAddress = segmentEnd(segment);
  // Each pass uses up segments, so this ends after at most as many passes as there are segments.
  for (let grown = true; grown;) {
    grown = false;
    for (const other of layout.segments) {
      if (other.startAddress <= endAddress && segmentEnd(other) > endAddress) {
        endAddress = segmentEnd(other);
        grown = true;
      }
      if (other.startAddress < startAddress && segmentEnd(other) >= startAddress) {
        startAddress = other.startAddress;
        grown = true;
      }
    }
  }
  return { startAddress, size: endAddress - startAddress };
}
