import { type PlaceId, placeWords } from '../../app/place.ts';
import { CanopusError, toCanopusError } from '../../app/errors.ts';
import { bootloaders, type BootloaderId } from '../../app/flash/bootloaders.ts';
import type { FlashEvent, FlashReport, InstallReport } from '../../app/flash/flash-event.ts';
import { flashers, type WriteOrder } from '../../app/flash/flashers.ts';
import { followRun } from '../../app/flash/follow-run.ts';
import type { RunBackup } from '../backups/run-backup.ts';
import type { LoadedImage } from './board-images.ts';
import { openBoardSerial, openBoardUsb } from './open-board.ts';
import { untouchedIfRefused } from './untouched.ts';
import type { JobServices } from './job-services.ts';

export interface WriteImageOptions extends Pick<
  WriteOrder,
  'board' | 'checkTarget' | 'confirmReadUnprotect' | 'signal'
> {
  readonly place: PlaceId;
  readonly image: LoadedImage;
  /** Keeps all of flash before anything is erased, unless it already has it. */
  readonly backup?: RunBackup | undefined;
  readonly onEvent: (event: FlashEvent) => void;
}

/**
 * After read-unprotect the chip erases itself completely (up to 16 s for 1 MiB, 32 s for 2 MiB) and starts its ROM
 * again.
 */
const unprotectTimeoutMs = 60_000;

/**
 * Writes an image through the bootloader that runs on a port, reads it back and starts it. The image must have been
 * checked; the flasher checks it and the chip against each other once more. Throws what the flasher and the link throw,
 * `device/did-not-return` if a chip stays away after its read protection was removed, and `file/…` if the backup cannot
 * be written.
 */
export async function writeImage(
  services: JobServices,
  id: BootloaderId,
  options: WriteImageOptions,
): Promise<FlashReport> {
  const { place, signal } = options;
  const arrival = services.watch.at(place)?.arrival ?? 0;
  const first = await writeOnce(services, id, options);
  if (first.outcome === 'installed') return first;
  options.onEvent({ type: 'note', text: 'The read protection is off; waiting for the chip to come back.' });
  const { partial } = bootloaders[id].leaves;
  const back = await services.watch.waitFor(
    (watch) => {
      const now = watch.at(place);
      return now !== null && now.arrival > arrival ? now : null;
    },
    { timeoutMs: unprotectTimeoutMs, signal },
  );
  if (back === null) {
    throw new CanopusError(
      'device/did-not-return',
      `The chip on ${placeWords(place)} did not come back after its read protection was removed.`,
      { place },
      { state: partial },
    );
  }
  const second = await writeOnce(services, id, options).catch((error: unknown) => {
    // The chip has erased itself: a refusal now is not all that happened to it.
    throw toCanopusError(error).leaving(partial);
  });
  if (second.outcome === 'installed') return second;
  throw new CanopusError(
    'dfu/read-protected',
    `The chip on ${placeWords(place)} is still read-protected after the protection was removed.`,
    { place },
    { state: partial },
  );
}

async function writeOnce(
  services: JobServices,
  id: BootloaderId,
  { backup: kept, place, onEvent, ...options }: WriteImageOptions,
): Promise<InstallReport> {
  const serial = services.watch.at(place)?.device.serialNumber ?? null;
  const isBackupWanted = kept !== undefined && bootloaders[id].reachesAllFlash && !kept.isTaken;
  await using backup = isBackupWanted ? await untouchedIfRefused(kept.open(serial)) : null;
  const order: WriteOrder = { ...options, clock: services.clock, backup: backup ?? undefined };
  const flasher = flashers[id];
  if (flasher.link === 'usb') {
    await using link = await openBoardUsb(services, place);
    return await followRun(flasher.write(link, order), onEvent);
  }
  await using link = await openBoardSerial(services, place);
  return await followRun(flasher.write(link, order), onEvent);
}
