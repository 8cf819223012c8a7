import { flashStart } from '../mcu/stm32-memory.ts';
import { CanopusError } from '../errors.ts';
import type { MemoryLayout } from '../protocols/dfuse/memory-layout.ts';
import type { Sector } from '../protocols/dfuse/sectors.ts';
import {
  isUsableFlash,
  rangeAround,
  sectorAt,
  sectorsCovering,
  segmentAt,
} from '../protocols/dfuse/sectors.ts';
import { hex32 } from '../hex.ts';

/** Initial stack pointer and reset vector: what the CPU fetches first (PM0214, 2.1.4). */
export const bootWordsLength = 8;

/**
 * How much of flash is written last, so that the chip has nothing to start until all the rest was read back: the boot
 * words, or the whole transfer that they are in if what shares a unit with them could not be written before them.
 */
export function bootPartLength(transferSize: number, isProgrammedOnce: boolean): number {
  return isProgrammedOnce ? transferSize : bootWordsLength;
}

interface InstallRequest {
  readonly layout: MemoryLayout;
  readonly transferSize: number;
  readonly image: Uint8Array;
  /** Where the installed bootloader looks for its application. */
  readonly applicationAddress: number;
  /** As `isProgrammedOnce` judges the chip. */
  readonly isProgrammedOnce: boolean;
}

/**
 * What an install does to flash. The order is for safety: the sector with the reset vector goes first, and the boot
 * part comes last, when everything else was read back. In between the chip has no firmware that it could start: an
 * install cut off at any point leaves a board that does nothing until DFU is entered again.
 */
export interface InstallPlan {
  /** To erase first, in this order. */
  readonly imageSectors: readonly Sector[];
  /** The image with its boot part left erased, padded with ff to whole transfers inside its sectors. */
  readonly body: Uint8Array;
  /** What is written last: as `bootPartLength` measures it. */
  readonly bootPart: Uint8Array;
  /** The whole image, padded: the final content of flash. */
  readonly expected: Uint8Array;
  /**
   * To erase after them, and nothing else: the bootloader would start what is left there. A sector that is already
   * erased may stay; an image's sector may not, as one whose erase was cut off reads as erased too and does not hold
   * data well, while this one is erased again before anything is written there.
   */
  readonly applicationSector: Sector;
}

function doesNotFit(message: string, details: Record<string, number | string>): CanopusError {
  return new CanopusError('image/does-not-fit', message, details, { state: 'untouched' });
}

/**
 * Plans an install from the chip's description of its memory. Throws `image/truncated` for less than a vector table,
 * `image/does-not-fit` for an image beyond its place or flash, and `image/wrong-address` for an application address
 * that does not begin a sector.
 */
export function planInstall(request: InstallRequest): InstallPlan {
  const { layout, image, applicationAddress, transferSize, isProgrammedOnce } = request;
  if (image.length < bootWordsLength) {
    throw new CanopusError(
      'image/truncated',
      `The image has ${image.length} bytes, less than the two words that the chip starts with.`,
      { bytes: image.length },
      { state: 'untouched' },
    );
  }
  const imageSectors = usableSectors(layout, image.length);
  const applicationSector = applicationSectorOf(layout, applicationAddress);
  const lastSector = imageSectors[imageSectors.length - 1];
  const endAddress = lastSector ? lastSector.address + lastSector.size : flashStart;
  if (endAddress > applicationAddress) {
    throw doesNotFit(
      `The image of ${image.length} bytes takes flash up to ${hex32(endAddress)}, ` +
        `but the application begins at ${hex32(applicationAddress)}.`,
      { bytes: image.length, applicationAddress: hex32(applicationAddress) },
    );
  }
  const paddedLength = Math.min(
    Math.ceil(image.length / transferSize) * transferSize,
    endAddress - flashStart,
  );
  const expected = new Uint8Array(paddedLength).fill(0xff);
  expected.set(image);
  const body = expected.slice();
  const bootLength = Math.min(paddedLength, bootPartLength(transferSize, isProgrammedOnce));
  body.fill(0xff, 0, bootLength);
  return {
    imageSectors,
    body,
    bootPart: expected.slice(0, bootLength),
    expected,
    applicationSector,
  };
}

/** The sectors that the image needs, all of which must be readable, erasable and writable. */
function usableSectors(layout: MemoryLayout, length: number): readonly Sector[] {
  const sectors = sectorsCovering(layout, flashStart, length);
  if (!sectors?.every(({ address }) => isUsableFlash(segmentAt(layout, address)))) {
    const flashSize = rangeAround(layout, flashStart)?.size ?? 0;
    throw doesNotFit(`The image has ${length} bytes, the chip describes ${flashSize} bytes of flash.`, {
      bytes: length,
      flashBytes: flashSize,
    });
  }
  return sectors;
}

function applicationSectorOf(layout: MemoryLayout, applicationAddress: number): Sector {
  const sector = sectorAt(layout, applicationAddress);
  if (!sector) {
    const flashSize = rangeAround(layout, flashStart)?.size ?? 0;
    throw doesNotFit(
      `The application address ${hex32(applicationAddress)} is outside of the chip's ${flashSize} bytes of flash.`,
      { applicationAddress: hex32(applicationAddress), flashBytes: flashSize },
    );
  }
  if (sector.address !== applicationAddress) {
    throw new CanopusError(
      'image/wrong-address',
      `The application address ${hex32(applicationAddress)} does not begin a sector; ` +
        `the one that holds it begins at ${hex32(sector.address)}.`,
      { applicationAddress: hex32(applicationAddress), sectorAddress: hex32(sector.address) },
      { state: 'untouched' },
    );
  }
  return sector;
}
