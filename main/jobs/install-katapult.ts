import { checkChip } from '../../app/chip/check-chip.ts';
import { wantedChip } from '../../app/chip/wanted-chip.ts';
import type { PortPath } from '../../app/boards/usb-device.ts';
import { CanopusError, toCanopusError } from '../../app/errors.ts';
import { installWithDfu, type DfuReport } from '../../app/flash/dfu-install.ts';
import type { DfuTarget } from '../../app/flash/dfu-target.ts';
import type { FlashEvent, FlashReport } from '../../app/flash/flash-event.ts';
import { followRun } from '../../app/flash/follow-run.ts';
import type { BoardExpectation } from '../../app/image/board-expectation.ts';
import { checkImage } from '../../app/image/check-image.ts';
import { isMcuName } from '../../app/mcu/mcu.ts';
import type { RunBackup } from '../backups/run-backup.ts';
import type { LoadedImage } from './board-images.ts';
import { untouchedIfRefused } from './untouched.ts';
import type { JobServices } from './job-services.ts';

export interface InstallKatapultOptions {
  readonly portPath: PortPath;
  readonly image: LoadedImage;
  /** What the chip is held against before anything is erased. */
  readonly board: BoardExpectation;
  /** Keeps all of flash before anything is erased, unless it has it already. */
  readonly backup?: RunBackup | undefined;
  readonly confirmReadUnprotect?: boolean | undefined;
  /** May refuse the chip by throwing, for reasons of the caller's own. */
  readonly checkTarget?: ((target: DfuTarget) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: (event: FlashEvent) => void;
}

/** Where Katapult looks for the application when its image does not tell: the offset of every preset here. */
const defaultApplicationAddress = 0x08008000;

/** After read-unprotect the chip erases itself whole (up to 16 s for 1 MiB, 32 s for 2 MiB) and starts its ROM again. */
const unprotectTimeoutMs = 60_000;

/**
 * Installs Katapult on the board in ROM DFU on a port, and starts it. The image must have been checked; the chip is held
 * against the board and the image here, on every path (`checkChip`), and the image against the chip.
 * Rejects with `chip/…` and `image/…`, as `installWithDfu` does, with `device/did-not-return` where a chip stays away after its read protection was
 * removed, and with `file/…` where the backup cannot be written.
 */
export async function installKatapult(
  services: JobServices,
  options: InstallKatapultOptions,
): Promise<FlashReport> {
  const { portPath, signal } = options;
  const arrival = services.watch.at(portPath)?.arrival ?? 0;
  const first = await installOnce(services, options);
  if (first.outcome === 'installed') return first;
  options.onEvent({ type: 'note', text: 'The read protection is off; waiting for the chip to come back.' });
  const back = await services.watch.waitFor(
    (watch) => {
      const now = watch.at(portPath);
      return now !== null && now.arrival > arrival ? now : null;
    },
    { timeoutMs: unprotectTimeoutMs, signal },
  );
  if (back === null) {
    throw new CanopusError(
      'device/did-not-return',
      `The chip on port ${portPath} did not come back after its read protection was removed.`,
      { portPath },
      { state: 'dfu-partial' },
    );
  }
  const second = await installOnce(services, options).catch((error: unknown) => {
    // The chip has erased itself: what was refused now is not all that was done to it.
    throw toCanopusError(error).leaving('dfu-partial');
  });
  if (second.outcome === 'installed') return second;
  throw new CanopusError(
    'dfu/read-protected',
    `The chip on port ${portPath} is still read-protected after the protection was removed.`,
    { portPath },
    { state: 'dfu-partial' },
  );
}

async function installOnce(services: JobServices, options: InstallKatapultOptions): Promise<DfuReport> {
  const { portPath, image, board, signal } = options;
  const { info } = image;
  const serial = services.watch.at(portPath)?.device.serialNumber ?? null;
  await using backup =
    options.backup === undefined || options.backup.isTaken
      ? null
      : await untouchedIfRefused(options.backup.open(serial));
  await using link = await untouchedIfRefused(services.devices.openUsb(portPath));
  const run = installWithDfu(link, image.bytes, {
    clock: services.clock,
    applicationAddress: image.info.launchAddress ?? defaultApplicationAddress,
    backup: backup ?? undefined,
    confirmReadUnprotect: options.confirmReadUnprotect,
    checkTarget: (target) => {
      const { facts, flashBytes } = target;
      // A chip that is another one refuses an image for it in words of its own.
      const notes =
        info.mcu !== null && isMcuName(info.mcu) ? checkChip(facts, wantedChip(board, info.mcu)) : [];
      checkImage(info, board, { through: 'dfu', flashBytes });
      options.checkTarget?.(target);
      return notes;
    },
    signal,
  });
  return await followRun(run, options.onEvent);
}
