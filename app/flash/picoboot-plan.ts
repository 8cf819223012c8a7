import { CanopusError } from '../errors.ts';
import { hex32 } from '../hex.ts';
import { rpFlash } from '../mcu/rp-memory.ts';
import { whyNotStarted, type RpMcu } from '../mcu/rp-boot.ts';

interface PicobootRequest {
  readonly mcu: RpMcu;
  readonly image: Uint8Array;
  /** Where the installed bootloader looks for its application. */
  readonly applicationAddress: number;
  /** Null if it could not be found out. */
  readonly flashBytes: number | null;
}

/**
 * What an install does to flash. The first sector is erased first and its first page written last: in between the boot
 * ROM finds nothing to start, so an install cut off at any point leaves a board that comes up in BOOTSEL again.
 */
export interface PicobootPlan {
  /** From the start of flash, filled up to whole pages with ff. */
  readonly expected: Uint8Array;
  /** Addresses of the sectors of the image, ascending. */
  readonly sectors: readonly number[];
  /** The address of the application's first sector. */
  readonly applicationSector: number;
}

const { start, sectorBytes, pageBytes } = rpFlash;

/**
 * Throws `image/truncated` for an image that the boot ROM would not start, `image/does-not-fit` for one that reaches
 * into the application or beyond flash, and `image/wrong-address` for an application address that does not begin a
 * sector; each `untouched`.
 */
export function planPicoboot({ mcu, image, applicationAddress, flashBytes }: PicobootRequest): PicobootPlan {
  const why = whyNotStarted(image, mcu);
  if (why !== null) {
    throw new CanopusError(
      'image/truncated',
      `The image ${why}: the boot ROM would not start it.`,
      { bytes: image.length },
      { state: 'untouched' },
    );
  }
  if (applicationAddress % sectorBytes !== 0) {
    throw new CanopusError(
      'image/wrong-address',
      `The application address ${hex32(applicationAddress)} does not begin a sector.`,
      { applicationAddress: hex32(applicationAddress) },
      { state: 'untouched' },
    );
  }
  const count = Math.ceil(image.length / sectorBytes);
  const end = start + count * sectorBytes;
  if (end > applicationAddress) {
    throw doesNotFit(
      `The image of ${image.length} bytes takes flash up to ${hex32(end)}, but the application begins at ${hex32(applicationAddress)}.`,
      image,
    );
  }
  if (flashBytes !== null && applicationAddress + sectorBytes > start + flashBytes)
    throw doesNotFit(
      `The application would begin behind the ${flashBytes} bytes of flash of this board.`,
      image,
    );
  const expected = new Uint8Array(Math.ceil(image.length / pageBytes) * pageBytes).fill(0xff);
  expected.set(image);
  return {
    expected,
    sectors: Array.from({ length: count }, (_, index) => start + index * sectorBytes),
    applicationSector: applicationAddress,
  };
}

/** What the plan has for a sector; the last one may be shorter than a sector. */
export function contentOf({ expected }: Pick<PicobootPlan, 'expected'>, sector: number): Uint8Array {
  return expected.subarray(sector - start, sector - start + sectorBytes);
}

function doesNotFit(message: string, image: Uint8Array): CanopusError {
  return new CanopusError('image/does-not-fit', message, { bytes: image.length }, { state: 'untouched' });
}
