import { sectorsOf } from '../mcu/stm32f4-flash.ts';
import { isMcuName, maxFlashKiB } from '../mcu/mcu.ts';
import { flashStart } from '../mcu/stm32f4-flash.ts';
import type { ImageInfo } from './image-info.ts';

/** The part of an image that decides where it lies and what is erased for it. */
export type MappedImage = Pick<ImageInfo, 'kind' | 'mcu' | 'applicationAddress' | 'launchAddress' | 'size'>;

/**
 * What a sector is for once the image is on the board:
 * - `image`: it holds a part of the image, so it is erased and written.
 * - `application`: the place where this Katapult starts the application. It is erased with the install, so that no old
 *   application is started, and is empty until Klipper is written.
 * - `bootloader`: what is before the image, kept as it is.
 * - `free`: nothing touches it.
 */
export type SectorUse = 'image' | 'application' | 'bootloader' | 'free';

export interface MapRow {
  /** Numbers as in the reference manuals; both the same but for sectors that are alike and are told together. */
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
  /** True where the chip's flash is not known and the largest of this MCU was taken. */
  readonly isLargest: boolean;
  readonly rows: readonly MapRow[];
}

/**
 * The flash of an F4 with an image where it belongs: what is where, and what writing it erases. Katapult is installed
 * through DFU (`app/flash/dfu-plan.ts`), anything else goes through Katapult, which erases the sectors that it writes.
 * Null where the image does not say its MCU or its address.
 */
export function memoryMapOf(image: MappedImage, flashKiB: number | null = null): MemoryMap | null {
  const { kind, mcu, applicationAddress: start } = image;
  if (mcu === null || !isMcuName(mcu) || start === null || start < flashStart) return null;
  const end = start + image.size;
  const application = kind === 'katapult' ? image.launchAddress : null;
  const known = flashKiB ?? maxFlashKiB(mcu);
  const rows = sectorsOf(known).map((sector, index): MapRow => {
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

/** Sectors next to each other that nothing touches are one row. */
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
