import type { CanbusUuidSource } from '../../app/boards/canbus-uuid-source.ts';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { boardMode, deviceMcu, type BoardMode } from '../../app/boards/board-mode.ts';
import type { PortPath } from '../../app/boards/usb-device.ts';
import { CanopusError, toCanopusError } from '../../app/errors.ts';
import type { FlashReport } from '../../app/flash/flash-event.ts';
import { unknownBoard } from '../../app/image/board-expectation.ts';
import type { BoardImages, LoadedImage } from './board-images.ts';
import { BoardRun, type RunEnd, type RunOptions } from './board-run.ts';
import { confirmUuid, sourceOf, type KnownUuid } from './confirm-uuid.ts';
import type { JobServices } from './job-services.ts';

export interface FlashBoardOptions extends RunOptions {
  readonly images: BoardImages;
}

export interface FlashBoardReport
  extends KnownUuid, Pick<RunEnd, 'mcu' | 'katapult' | 'klipper' | 'crystalHz'> {
  readonly portPath: PortPath;
  readonly uid: string;
}

export interface WriteKlipperOptions extends RunOptions {
  readonly image: LoadedImage;
}

export interface WriteKlipperReport extends FlashReport, Pick<RunEnd, 'crystalHz'> {
  /** The mode that the board was then seen in; null for an image that never shows on USB. */
  readonly seen: BoardMode | null;
  readonly canbusUuid: string | null;
  readonly canbusUuidSource: CanbusUuidSource | null;
}

/**
 * Takes the board on one port from whatever mode it is in to a running Klipper bridge: Katapult through ROM DFU,
 * Klipper through Katapult, and the bridge seen on USB with the chip's UID. Every image was checked by whoever loaded
 * it (`checkBoardImages`). Katapult is installed when the board starts in DFU; otherwise the one on the board is kept.
 *
 * A board that stays silent may be searched for its crystal (`search`); it then ends as the same bridge, with images for
 * that crystal.
 *
 * Throws what the flashers and builds throw, and `device/not-found`, `device/wrong-mode`, `device/did-not-return`,
 * `device/still-in-dfu`, `device/returned-as-another`, `katapult/bridge-no-driver`, `image/wrong-crystal`, `rescue/…`, each with the
 * board's state.
 */
export async function flashBoard(
  services: JobServices,
  { images, ...options }: FlashBoardOptions,
): Promise<FlashBoardReport> {
  const run = new BoardRun(services, options, images);
  try {
    const { device, uid, mcu, ...end } = await run.toRunning();
    const { portPath } = options;
    if (uid === null || device === null) {
      const message = 'The bridge does not tell its chip UID as its serial number.';
      throw new CanopusError('link/protocol', message, { portPath });
    }
    const { signal } = options;
    const uuid = await confirmUuid(services, device, canbusUuid(uid), images.klipper, signal);
    return { portPath, uid, ...uuid, mcu: deviceMcu(device) ?? mcu, ...end };
  } catch (error) {
    throw toCanopusError(error).leaving(run.state);
  } finally {
    await options.backup?.settled();
  }
}

/**
 * Writes an application through the Katapult that runs on a port, and waits until the board runs as what the image says
 * it is. The image must have been checked (`checkAgainstKatapult`). Throws as `flashBoard` does.
 */
export async function writeKlipper(
  services: JobServices,
  { image, ...options }: WriteKlipperOptions,
): Promise<WriteKlipperReport> {
  const run = new BoardRun(services, options, { katapult: null, klipper: image, board: unknownBoard });
  try {
    const { device, uid, klipper, crystalHz } = await run.toRunning();
    const seen = device === null ? null : boardMode(device);
    const known = { ...klipper, seen, uid, crystalHz };
    if (uid === null) return { ...known, canbusUuid: null, canbusUuidSource: null };
    const computed = canbusUuid(uid);
    if (device === null || seen !== 'can-bridge') {
      return { ...known, canbusUuid: computed, canbusUuidSource: sourceOf(image) };
    }
    return { ...known, ...(await confirmUuid(services, device, computed, image, options.signal)) };
  } catch (error) {
    throw toCanopusError(error).leaving(run.state);
  }
}
