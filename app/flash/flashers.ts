import { checkChip } from '../chip/check-chip.ts';
import { wantedChip } from '../chip/wanted-chip.ts';
import type { BoardExpectation } from '../image/board-expectation.ts';
import { checkImage } from '../image/check-image.ts';
import type { ImageInfo } from '../image/image-info.ts';
import { CanopusError } from '../errors.ts';
import { isMcuName, mcuLabel } from '../mcu/mcu.ts';
import { rpApplicationOffset, rpFlash } from '../mcu/rp-memory.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { Clock } from '../transport/clock.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import type { BootloaderId } from './bootloaders.ts';
import type { BackupSink } from './dfu-backup.ts';
import { installWithDfu } from './dfu-install.ts';
import type { FlashTarget } from './flash-target.ts';
import type { InstallRun } from './flash-event.ts';
import { flashWithKatapult } from './katapult-flasher.ts';
import { installWithPicoboot } from './picoboot-install.ts';

/** What is written, and what it and the board are checked against. The image was already checked against the board. */
export interface WriteOrder {
  readonly image: { readonly bytes: Uint8Array; readonly info: ImageInfo };
  readonly board: BoardExpectation;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Receives all of flash before anything is erased, if the bootloader reads it. */
  readonly backup?: BackupSink | undefined;
  /** Allows removing a read protection, which erases the whole chip. */
  readonly confirmReadUnprotect?: boolean | undefined;
  /** May throw to refuse the chip for the caller's own reasons; called once the bootloader has described the chip. */
  readonly checkTarget?: ((target: FlashTarget) => void) | undefined;
}

/**
 * Writes one image through one bootloader: checks it and the board against the bootloader's report before anything is
 * erased, reads every byte back and starts it. By the kind of link to the bootloader.
 */
type Flasher =
  | { readonly link: 'usb'; readonly write: (link: UsbLink, order: WriteOrder) => InstallRun }
  | { readonly link: 'bytes'; readonly write: (link: ByteLink, order: WriteOrder) => InstallRun };

export const flashers: Readonly<Record<BootloaderId, Flasher>> = {
  'rom-dfu': { link: 'usb', write: writeWithDfu },
  picoboot: { link: 'usb', write: writeWithPicoboot },
  katapult: { link: 'bytes', write: writeWithKatapult },
};

/** Where Katapult looks for the application if its image does not state it: the offset of every preset here. */
const defaultApplicationAddress = 0x08008000;

function writeWithDfu(link: UsbLink, order: WriteOrder): InstallRun {
  const { image, board, checkTarget, clock, signal, backup, confirmReadUnprotect } = order;
  const { info, bytes } = image;
  return installWithDfu(link, bytes, {
    ...{ clock, signal, backup, confirmReadUnprotect },
    confirmEraseAll: board.confirmed.eraseAll === true,
    applicationAddress: info.launchAddress ?? defaultApplicationAddress,
    checkTarget: (target) => {
      const { facts, flashBytes } = target;
      // A different chip refuses an image for it with its own message.
      const notes =
        info.mcu !== null && isMcuName(info.mcu) ? checkChip(facts, wantedChip(board, info.mcu)) : [];
      checkImage(info, board, { through: 'dfu', flashBytes });
      checkTarget?.(target);
      return notes;
    },
  });
}

function writeWithPicoboot(link: UsbLink, order: WriteOrder): InstallRun {
  const { image, board, checkTarget, signal } = order;
  const { info, bytes } = image;
  return installWithPicoboot(link, bytes, {
    signal,
    applicationAddress: info.launchAddress ?? rpFlash.start + rpApplicationOffset,
    checkTarget: ({ mcu, flashBytes, uid }) => {
      if (info.mcu !== mcu) {
        const message = `The image is for ${info.mcu ?? 'an MCU that it does not name'}, but this is the boot ROM of an ${mcuLabel(mcu)}.`;
        throw new CanopusError('image/wrong-mcu', message, { image: info.mcu, board: mcu });
      }
      checkImage(info, board, { through: 'dfu', flashBytes });
      checkTarget?.({ flashBytes, uid });
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
