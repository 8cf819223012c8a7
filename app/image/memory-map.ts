import { flashStartOf, isMcuName, maxFlashKiB, mcuFacts } from '../mcu/mcu.ts';
import type { ImageInfo } from './image-info.ts';

/** The facts about an image that decide its place and what writing it erases. */
export type MappedImage = Pick<ImageInfo, 'kind' | 'mcu' | 'applicationAddress' | 'launchAddress' | 'size'>;

/**
 * The use of a sector once the image is on the board:
 * - `image`: it holds a part of the image, so it is erased and written.
 * - `application`: where this Katapult starts the application. The install erases it, so that no old application
 *   starts; it stays empty until Klipper is written.
 * - `bootloader`: what comes before the image; it is kept.
 * - `free`: nothing touches it.
 */
export type SectorUse = 'image' | 'application' | 'bootloader' | 'free';

export interface MapRow {
  /** Sector numbers as in the reference manuals; they differ only for a row of identical sectors. */
  readonly firstSector: number;
  readonly lastSector: number;
  readonly address: number;
  readonly size: number;
  readonly use: SectorUse;
  /** Bytes of the image in it. */
  readonly usedBytes: number;
  readonly isErased: boolean;
}

interface MemoryMap {
  readonly flashKiB: number;
  /** True if the chip's flash size is unknown and the largest of this MCU was assumed. */
  readonly isLargest: boolean;
  readonly rows: readonly MapRow[];
}

/**
 * The flash of a chip with an image in its place: what is where, and what writing it erases. Katapult is installed
 * through DFU (`app/flash/dfu-plan.ts`), anything else goes through Katapult, which erases the sectors that it writes.
 * Null if the image does not state its MCU or its address, or if the chip is not sold with that size.
 */
export function memoryMapOf(image: MappedImage, flashKiB: number | null = null): MemoryMap | null {
  const { kind, mcu, applicationAddress: start } = image;
  if (mcu === null || !isMcuName(mcu) || start === null || start < flashStartOf(mcu)) return null;
  const end = start + image.size;
  const application = kind === 'katapult' ? image.launchAddress : null;
  const known = flashKiB ?? maxFlashKiB(mcu);
  const [sectors] = mcuFacts[mcu].sectorLayouts(known);
  if (sectors === undefined) return null;
  const rows = sectors.map((sector, index): MapRow => {
    const sectorEnd = sector.address + sector.size;
    const usedBytes = Math.max(0, Math.min(end, sectorEnd) - Math.max(start, sector.address));
    const holdsApplication = application !== null && application >= sector.address && application < sectorEnd;
    const isBefore = sectorEnd <= start;
    const use = usedBytes > 0 ? 'image' : holdsApplication ? 'application' : isBefore ? 'bootloader' : 'free';
    return {
      firstSector: index,
      lastSector: index,
      ...sector,
      use,
      usedBytes,
      isErased: use === 'image' || use === 'application',
    };
  });
  return { flashKiB: known, isLargest: flashKiB === null, rows: joined(rows) };
}

/** Adjacent untouched sectors share a row. */
function joined(rows: readonly MapRow[]): readonly MapRow[] {
  const told: MapRow[] = [];
  for (const row of rows) {
    const last = told.at(-1);
    if (last === undefined || last.use !== row.use || row.isErased) {
      told.push(row);
      continue;
    }
    told[told.length - 1] = { ...last, lastSector: row.lastSector, size: last.size + row.size };
  }
  return told;
}
