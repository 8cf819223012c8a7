import { flashStart } from '../mcu/stm32-memory.ts';
import type { ChipFacts } from '../chip/chip-facts.ts';
import { isErasedWhole } from '../chip/erased-whole.ts';
import { isProgrammedOnce } from '../chip/programmed-once.ts';
import { sha256Hex } from '../sha256.ts';
import { CanopusError, isCanopusError } from '../errors.ts';
import type { Clock } from '../transport/clock.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import type { BackupSink } from './dfu-backup.ts';
import { isRefusal, isRefusedWithoutEffect } from './dfu-failure.ts';
import { eraseAll, requireNothingElse } from './dfu-erase-all.ts';
import { leaveDfu } from './dfu-leave.ts';
import { readDescribedFacts, readRegisters } from './dfu-facts.ts';
import { readableFlashBytes } from './dfu-flash-end.ts';
import { planInstall } from './dfu-plan.ts';
import { throwIfCancelled, type BoardProgress } from './board-progress.ts';
import { dfuRun } from './dfu-run.ts';
import type { DfuSession } from './dfu-session.ts';
import type { DfuInstall } from './dfu-steps.ts';
import { backUp, erase, verify, write } from './dfu-steps.ts';
import type { DfuTarget } from './dfu-target.ts';
import { removeReadProtection } from './dfu-unprotect.ts';
import { isErased } from './flash-bytes.ts';
import type { FlashEvent, InstallRun } from './flash-event.ts';

/** Everything that the chip reports about itself. */
export interface InstallTarget extends DfuTarget {
  /** As `judgeChip` takes it. */
  readonly facts: ChipFacts;
}

export interface InstallOptions {
  readonly clock: Clock;
  /** Where the bootloader in `image` looks for its application: the image's `launchAddress`. */
  readonly applicationAddress: number;
  /** Cancels after the current sector or block. */
  readonly signal?: AbortSignal | undefined;
  /** Receives all of flash, completely, before anything is erased. */
  readonly backup?: BackupSink | undefined;
  /** Allows removing the read protection of a chip, which erases all of it. */
  readonly confirmReadUnprotect?: boolean | undefined;
  /** Checks the chip against what was chosen. Throws to refuse it: nothing was erased yet. Returns notes for people. */
  readonly checkTarget: (target: InstallTarget) => readonly string[] | Promise<readonly string[]>;
  /** Ask for the chip's UID and flash size; costs one set-address, on ST's ROM 0.1 s. Default true. */
  readonly readUid?: boolean | undefined;
  /** Allows erasing flash that an install would keep, on a chip where all of it is erased: see `isErasedWhole`. */
  readonly confirmEraseAll?: boolean | undefined;
  /** Start what was written. Default true. */
  readonly leave?: boolean | undefined;
}

/**
 * Installs a bootloader image at 0x08000000 through the ROM's DFU: first erases the sectors of the image and of the
 * application, then writes, reads every byte back, and starts it. See README.md of `protocols/dfuse` for the order and
 * its reasons.
 *
 * The caller owns and closes the link. Every error carries `state`: `untouched` until the first erase starts,
 * `dfu-partial` from then on, `dfu-written` once everything was read back. Throws `dfu/…`, `image/…`, `cancelled` and
 * what the link and `checkTarget` throw.
 */
export function installWithDfu(link: UsbLink, image: Uint8Array, options: InstallOptions): InstallRun {
  return dfuRun(link, options, (session, board) => installInto(session, image, options, board));
}

/** Everything after the session is open. */
async function* installInto(
  session: DfuSession,
  image: Uint8Array,
  options: InstallOptions,
  board: BoardProgress,
): InstallRun {
  yield { type: 'phase', phase: 'check', safeToStop: true };
  const { applicationAddress, signal } = options;
  const { layout, transferSize } = session;
  const sha256 = await sha256Hex(image);
  const described = await readDescribedFacts(session.port.link, session, signal);
  // Before the UID is read: reading it moves the address pointer.
  const applicationLooksErased = await looksErased(session, applicationAddress);
  const registers = options.readUid === false ? null : await readRegisters(session, described);
  const facts = { ...described, ...registers };
  const { flashBytes, uid } = facts;
  yield { type: 'target', mcu: null, bootloader: `ST ROM DFU, ${flashBytes / 1024} KiB of flash` };
  const target: InstallTarget = { layout, flashBytes, uid, facts };
  const notes = await options.checkTarget(target);
  for (const text of notes) yield { type: 'note', text };
  // Only now: for a wrong chip it would say that the image does not fit, and not why.
  const plan = planInstall({
    ...{ layout, transferSize, image, applicationAddress },
    isProgrammedOnce: isProgrammedOnce(facts),
  });
  const erasesAll = isErasedWhole(facts);
  const run: DfuInstall = {
    ...{ session, plan, imageLength: image.length, signal, board },
    applicationLooksErased: applicationLooksErased && !erasesAll,
  };
  try {
    if (erasesAll && options.confirmEraseAll !== true) {
      // The ROM of an H723 describes 1 MiB on a part with 512 KiB, too.
      const end = flashStart + (await readableFlashBytes(session, facts));
      await requireNothingElse(
        run,
        facts.sectors.filter(({ address }) => address < end),
      );
    }
    if (options.backup) {
      const readable = await readableFlashBytes(session, facts);
      yield* backUp(run, options.backup, { ...target, flashBytes: readable });
    }
    yield* erasesAll ? eraseAll(run, facts.sectors) : erase(run);
  } catch (error) {
    if (!isCanopusError(error, 'dfu/read-protected')) throw error;
    if (options.backup) throw cannotBackUp(error);
    if (options.confirmReadUnprotect !== true) throw error;
    yield* unprotect(session, board);
    return {
      outcome: 'protection-removed',
      bytesWritten: 0,
      bytesVerified: 0,
      sectorsErased: 0,
      sha256,
      uid,
    };
  }
  yield* write(run);
  yield* verify(run);
  if (options.leave === false) {
    await session.toIdle();
  } else {
    throwIfCancelled(signal, board);
    yield { type: 'phase', phase: 'leave', safeToStop: true };
    await leaveDfu(session, flashStart);
  }
  const bytes = image.length;
  const { sectorsErased } = board;
  return { outcome: 'installed', bytesWritten: bytes, bytesVerified: bytes, sectorsErased, sha256, uid };
}

async function* unprotect(session: DfuSession, board: BoardProgress): AsyncGenerator<FlashEvent, void, void> {
  yield { type: 'phase', phase: 'unprotect', safeToStop: false };
  const { state } = board;
  try {
    await removeReadProtection(session, {
      confirmed: true,
      onStart: () => {
        board.state = 'dfu-partial';
      },
    });
  } catch (error) {
    if (isRefusedWithoutEffect(error)) board.state = state;
    throw error;
  }
}

/** Removing the protection erases everything, which a backup should prevent. */
function cannotBackUp(cause: CanopusError): CanopusError {
  return new CanopusError(
    'dfu/read-protected',
    'The chip is read-protected, so its flash cannot be backed up. Nothing was erased; repeat without a backup.',
    { ...cause.details, wanted: 'backup' },
    { cause },
  );
}

/**
 * Reads a sector if that costs next to nothing. Only a guess, as the address pointer has not been set yet; a refusal
 * settles nothing either: any problem shows again at the erase.
 */
async function looksErased(session: DfuSession, address: number): Promise<boolean> {
  if (!session.reaches(address, session.transferSize)) return false;
  try {
    return isErased(await session.readBlock(address, session.transferSize));
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
