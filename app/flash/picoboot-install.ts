import { CanopusError } from '../errors.ts';
import { rpMcuOf } from '../boards/rp-ids.ts';
import type { RpMcu } from '../mcu/rp-boot.ts';
import { sha256Hex } from '../sha256.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import { throwIfCancelled, withState, type BoardProgress } from './board-progress.ts';
import type { InstallRun } from './flash-event.ts';
import type { FlashTarget } from './flash-target.ts';
import { planPicoboot } from './picoboot-plan.ts';
import { PicobootSession } from './picoboot-session.ts';
import { findFlashBytes } from './picoboot-size.ts';
import { compare, erase, verify, write, type PicobootInstall } from './picoboot-steps.ts';

/** Its `flashBytes` is null if flash begins blank. */
export interface PicobootTarget extends FlashTarget {
  /** By the USB ids of its ROM. */
  readonly mcu: RpMcu;
}

export interface PicobootOptions {
  /** Where the bootloader in `image` looks for its application: the image's `launchAddress`. */
  readonly applicationAddress: number;
  /** Cancels after the current sector. */
  readonly signal?: AbortSignal | undefined;
  /** Checks the chip against what was chosen. Throws to refuse it: nothing was erased yet. */
  readonly checkTarget: (target: PicobootTarget) => void | Promise<void>;
}

/**
 * Installs a bootloader image at the start of flash through the boot ROM of an RP2040 or RP2350: erases the sectors that
 * differ and the first one of the application, writes, reads every byte back, writes the first page last, and starts it.
 *
 * The caller owns and closes the link. Every error carries `state`: `untouched` until the first erase starts,
 * `bootsel-partial` from then on, `bootsel-written` once everything was read back. Throws `picoboot/…`, `image/…`,
 * `cancelled`, `device/wrong-mode` for a device that is no boot ROM, and what the link and `checkTarget` throw.
 */
export async function* installWithPicoboot(
  link: UsbLink,
  image: Uint8Array,
  options: PicobootOptions,
): InstallRun {
  const board: BoardProgress = { state: 'untouched', sectorsErased: 0 };
  const { signal } = options;
  let session: PicobootSession | null = null;
  let isFinished = false;
  try {
    throwIfCancelled(signal, board);
    yield { type: 'phase', phase: 'connect', safeToStop: true };
    session = await PicobootSession.open(link, requireBootRom(link));
    const report = yield* installInto(session, image, options, board);
    isFinished = true;
    return report;
  } catch (error) {
    throw withState(error, signal, board.state);
  } finally {
    if (!isFinished) await session?.settle();
  }
}

async function* installInto(
  session: PicobootSession,
  image: Uint8Array,
  { applicationAddress, signal, checkTarget }: PicobootOptions,
  board: BoardProgress,
): InstallRun {
  yield { type: 'phase', phase: 'check', safeToStop: true };
  const { mcu } = session;
  const sha256 = await sha256Hex(image);
  const uid = await session.chipId();
  const flashBytes = await findFlashBytes(session);
  const size = flashBytes === null ? 'flash of unknown size' : `${flashBytes / 1024} KiB of flash`;
  yield { type: 'target', mcu, bootloader: `Boot ROM, ${size}` };
  await checkTarget({ mcu, uid, flashBytes });
  if (flashBytes === null)
    yield {
      type: 'note',
      text: 'Flash begins blank, so its size is unknown: the image is proven by reading it back.',
    };
  const plan = planPicoboot({ mcu, image, applicationAddress, flashBytes });
  const run: PicobootInstall = { session, plan, imageLength: image.length, signal, board };
  const { changed, clears } = yield* compare(run);
  const toErase = clears ? [...changed, plan.applicationSector] : changed;
  if (toErase.length > 0) yield* erase(run, toErase);
  if (changed.length > 0) yield* write(run, changed);
  yield* verify(run, changed.length > 0);
  throwIfCancelled(signal, board);
  yield { type: 'phase', phase: 'leave', safeToStop: true };
  await session.reboot();
  const bytes = image.length;
  const { sectorsErased } = board;
  return { outcome: 'installed', bytesWritten: bytes, bytesVerified: bytes, sectorsErased, sha256, uid };
}

function requireBootRom(link: UsbLink): RpMcu {
  const fields = new DataView(link.deviceDescriptor.buffer, link.deviceDescriptor.byteOffset);
  const mcu = rpMcuOf(fields.getUint16(8, true), fields.getUint16(10, true));
  if (mcu !== null) return mcu;
  throw new CanopusError(
    'device/wrong-mode',
    `${link.label} is not the boot ROM of an RP2040 or RP2350.`,
    { mode: 'unknown', wanted: 'bootsel' },
    { state: 'untouched' },
  );
}
