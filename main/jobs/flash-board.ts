import type { PlaceId } from '../../app/place.ts';
import type { CanbusUuidSource } from '../../app/boards/canbus-uuid-source.ts';
import { boardMode, deviceMcu, type BoardMode } from '../../app/boards/board-mode.ts';
import { CanopusError, toCanopusError, type BoardState } from '../../app/errors.ts';
import type { BoardImages } from './board-images.ts';
import { BoardRun, type RunEnd } from './board-run.ts';
import { confirmUuid, sourceOf } from './confirm-uuid.ts';
import type { JobServices } from './job-services.ts';
import type { RunOptions } from './run-options.ts';

export interface FlashBoardOptions extends RunOptions {
  readonly images: BoardImages;
}

export interface FlashBoardReport extends Pick<RunEnd, 'mcu' | 'written' | 'crystalHz'> {
  readonly uid: string | null;
  readonly place: PlaceId;
  /** The mode that the board was then seen in; null if it was not waited for, or never shows on USB. */
  readonly seen: BoardMode | null;
  /** Null if the chip did not report its UID. */
  readonly canbusUuid: string | null;
  readonly canbusUuidSource: CanbusUuidSource | null;
  /** What the board was last seen to be, if no sight on USB says it. */
  readonly state?: BoardState;
}

/**
 * Writes the images of an order to the board on one port, in whatever mode it is: the bootloader through ROM DFU, the
 * application through Katapult. With an application it ends when the board appears in the application's mode; with a
 * bootloader alone when that is written and started. A bootloader is written if the board starts in DFU; otherwise the
 * one on the board is kept. The code that loaded the images has checked them (`checkBoardImages`).
 *
 * For a board that stays silent, it may search for the crystal (`search`); it then ends with images for that crystal.
 *
 * Throws what the flashers and builds throw, and `device/not-found`, `device/wrong-mode`, `device/did-not-return`,
 * `device/still-in-dfu`, `device/returned-as-another`, `katapult/bridge-no-driver`, `image/wrong-crystal`, `rescue/…`,
 * each with the board's state. A board that gets both images must report its UID, otherwise `link/protocol`.
 */
export async function flashBoard(
  services: JobServices,
  { images, ...options }: FlashBoardOptions,
): Promise<FlashBoardReport> {
  const run = new BoardRun(services, options, images);
  try {
    return await reportOf(services, images, options, await run.toEnd());
  } catch (error) {
    throw toCanopusError(error).leaving(run.boardState);
  } finally {
    await options.backup?.settled();
  }
}

async function reportOf(
  services: JobServices,
  { bootloader, application }: BoardImages,
  { place, signal }: RunOptions,
  { device, chip, mcu, written, crystalHz }: RunEnd,
): Promise<FlashBoardReport> {
  const seen = device === null ? null : boardMode(device);
  const { uid, canbusUuid: computed } = chip;
  const known = { place, uid, mcu: (device && deviceMcu(device)) ?? mcu, written, seen, crystalHz };
  if (bootloader !== null && application !== null && (uid === null || device === null)) {
    const message = 'The bridge does not report its chip UID as its serial number.';
    throw new CanopusError('link/protocol', message, { place });
  }
  if (uid === null) return { ...known, canbusUuid: null, canbusUuidSource: null };
  if (application === null) return { ...known, canbusUuid: computed, canbusUuidSource: 'computed' };
  if (device === null || seen !== 'can-bridge') {
    return { ...known, canbusUuid: computed, canbusUuidSource: sourceOf(application) };
  }
  return { ...known, ...(await confirmUuid(services, device, computed, application, signal)) };
}
