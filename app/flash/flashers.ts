import { checkChip } from '../chip/check-chip.ts';
import { wantedChip } from '../chip/wanted-chip.ts';
import type { BoardExpectation } from '../image/board-expectation.ts';
import { checkImage } from '../image/check-image.ts';
import type { ImageInfo } from '../image/image-info.ts';
import { isMcuName } from '../mcu/mcu.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { Clock } from '../transport/clock.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import type { BootloaderId } from './bootloaders.ts';
import type { BackupSink } from './dfu-backup.ts';
import { installWithDfu } from './dfu-install.ts';
import type { DfuTarget } from './dfu-target.ts';
import type { InstallRun } from './flash-event.ts';
import { flashWithKatapult } from './katapult-flasher.ts';

/** What is written, and what it and the board are held against. The image was checked against the board already. */
export interface WriteOrder {
  readonly image: { readonly bytes: Uint8Array; readonly info: ImageInfo };
  readonly board: BoardExpectation;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Gets all of flash before anything is erased, where the bootloader reads it. */
  readonly backup?: BackupSink | undefined;
  /** Lets a read protection be removed, which erases the whole chip. */
  readonly confirmReadUnprotect?: boolean | undefined;
  /** May refuse the chip by throwing, for reasons of the caller's own; asked where the bootloader describes the chip. */
  readonly checkTarget?: ((target: DfuTarget) => void) | undefined;
}

/**
 * Writes one image through one bootloader: checks it and the board against what the bootloader says, before anything is
 * erased, reads every byte back and starts it. By the link that the bootloader is spoken to over.
 */
export type Flasher =
  | { readonly link: 'usb'; readonly write: (link: UsbLink, order: WriteOrder) => InstallRun }
  | { readonly link: 'bytes'; readonly write: (link: ByteLink, order: WriteOrder) => InstallRun };

export const flashers: Readonly<Record<BootloaderId, Flasher>> = {
  'rom-dfu': { link: 'usb', write: writeWithDfu },
  katapult: { link: 'bytes', write: writeWithKatapult },
};

/** Where Katapult looks for the application when its image does not tell: the offset of every preset here. */
const defaultApplicationAddress = 0x08008000;

function writeWithDfu(link: UsbLink, order: WriteOrder): InstallRun {
  const { image, board, checkTarget, clock, signal, backup, confirmReadUnprotect } = order;
  const { info, bytes } = image;
  return installWithDfu(link, bytes, {
    ...{ clock, signal, backup, confirmReadUnprotect },
    applicationAddress: info.launchAddress ?? defaultApplicationAddress,
    checkTarget: (target) => {
      const { facts, flashBytes } = target;
      // A chip that is another one refuses an image for it in words of its own.
      const notes =
        info.mcu !== null && isMcuName(info.mcu) ? checkChip(facts, wantedChip(board, info.mcu)) : [];
      checkImage(info, board, { through: 'dfu', flashBytes });
      checkTarget?.(target);
      return notes;
    },
  });
}

async function* writeWithKatapult(link: ByteLink, order: WriteOrder): InstallRun {
  const { image, clock, signal } = order;
  const report = yield* flashWithKatapult(link, image.bytes, {
    ...{ clock, signal },
    expectedMcu: image.info.mcu,
    applicationAddress: image.info.applicationAddress,
  });
  return { ...report, outcome: 'installed' };
}
