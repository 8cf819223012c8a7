import { flashStart, stm32Memory } from '../mcu/stm32-memory.ts';
import { CanopusError, isCanopusError } from '../errors.ts';
import { readVectorTable } from '../image/vector-table.ts';
import { readWords } from '../image/words.ts';
import { rangeAround } from '../protocols/dfuse/sectors.ts';
import { sha256Hex } from '../sha256.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import { describedFacts, readRegisters } from './dfu-facts.ts';
import { bootPartLength } from './dfu-plan.ts';
import { isProgrammedOnce } from '../chip/programmed-once.ts';
import { readableFlashBytes } from './dfu-flash-end.ts';
import { leaveDfu } from './dfu-leave.ts';
import { flashSectors, type RestoreWork } from './dfu-restore-plan.ts';
import { compare, eraseChanged, verifyChanged, writeChanged } from './dfu-restore-steps.ts';
import { throwIfCancelled, type BoardProgress } from './board-progress.ts';
import { dfuRun, type DfuRunOptions } from './dfu-run.ts';
import type { DfuSession } from './dfu-session.ts';
import type { DfuTarget } from './dfu-target.ts';
import type { FlashEvent } from './flash-event.ts';

export interface RestoreOptions extends DfuRunOptions {
  /** Throws to refuse a chip other than the backup's: nothing was erased yet. */
  readonly checkTarget: (target: DfuTarget) => void | Promise<void>;
  /** Start what was restored, if it can be started. Default true. */
  readonly leave?: boolean | undefined;
}

export interface RestoreReport {
  /** `unchanged`: flash already matched the backup, and nothing was erased. */
  readonly outcome: 'restored' | 'unchanged';
  /** Without bytes that an erase already sets correctly. */
  readonly bytesWritten: number;
  /** All of flash: a run that could not read everything back throws instead. */
  readonly bytesVerified: number;
  readonly sectorsErased: number;
  /** Of the backup, lower-case hex. */
  readonly sha256: string;
  /** The chip's unique id if the ROM reports it, 24 upper-case hex digits. */
  readonly uid: string | null;
  /** The program in it was started; false if there is none or it should not be started. */
  readonly isStarted: boolean;
}

type RestoreRun = AsyncGenerator<FlashEvent, RestoreReport, void>;

/**
 * Makes all of flash match `bytes`, a backup of this chip: compares, erases the sectors that differ, the one with the
 * boot words first, writes them, reads them back, and writes the boot words last. Touches no option byte and no
 * protection. See README.md of `protocols/dfuse` for the order and its reasons.
 *
 * The caller owns and closes the link. Every error carries `state`: `untouched` until the first erase starts,
 * `dfu-partial` from then on, `restored` once everything was read back. Throws `backup/wrong-size`, `dfu/…`
 * (`dfu/read-protected` for a chip that cannot be read), `cancelled` and what the link and `checkTarget` throw.
 */
export function restoreWithDfu(link: UsbLink, bytes: Uint8Array, options: RestoreOptions): RestoreRun {
  return dfuRun(link, options, (session, board) => restoreInto(session, bytes, options, board));
}

/** The chip that a restore would write to. Changes nothing; throws as `restoreWithDfu` before its first erase. */
export function readRestoreTarget(
  link: UsbLink,
  bytes: Uint8Array,
  options: DfuRunOptions,
): AsyncGenerator<FlashEvent, DfuTarget, void> {
  return dfuRun(link, options, async function* (session) {
    yield { type: 'phase', phase: 'check', safeToStop: true };
    const target = await readTarget(session, bytes);
    await session.toIdle();
    return target;
  });
}

/** Throws `backup/wrong-size` and, for a chip that cannot be read, `dfu/read-protected`. */
async function readTarget(
  session: DfuSession,
  bytes: Uint8Array,
): Promise<DfuTarget & { readonly bootBlock: Uint8Array }> {
  const { layout } = session;
  // A read-protected chip is reported before anything is asked of a person.
  const bootBlock = await readFirstBlock(session);
  const { uid, flashSizeKiB } = await readRegisters(session);
  const described = rangeAround(layout, flashStart)?.size ?? 0;
  const flashBytes = await readableFlashBytes(session, { flashBytes: described, flashSizeKiB });
  if (bytes.length !== flashBytes) throw wrongSize(bytes.length, flashBytes);
  return { layout, flashBytes, uid, bootBlock };
}

/** Everything after the session is open. */
async function* restoreInto(
  session: DfuSession,
  bytes: Uint8Array,
  { checkTarget, leave = true, signal }: RestoreOptions,
  board: BoardProgress,
): RestoreRun {
  yield { type: 'phase', phase: 'check', safeToStop: true };
  const sha256 = await sha256Hex(bytes);
  const { bootBlock, layout, flashBytes, uid } = await readTarget(session, bytes);
  yield { type: 'target', mcu: null, bootloader: `ST ROM DFU, ${flashBytes / 1024} KiB of flash` };
  await checkTarget({ layout, flashBytes, uid });
  const sectors = flashSectors(layout, flashBytes);
  const isOnce = isProgrammedOnce(describedFacts(layout, []));
  const bootLength = bootPartLength(session.transferSize, isOnce);
  const work: RestoreWork = { session, bytes, bootLength, signal, board };
  const changed = yield* compare(work, sectors, bootBlock);
  let bytesWritten = 0;
  if (changed.length > 0) {
    yield { type: 'erasing', sectors: changed };
    yield* eraseChanged(work, changed);
    bytesWritten = yield* writeChanged(work, changed);
    yield* verifyChanged(work, changed);
  }
  const isStarted = leave && readVectorTable(readWords(bytes.subarray(0, 64)), stm32Memory) !== null;
  if (isStarted) {
    throwIfCancelled(signal, board);
    yield { type: 'phase', phase: 'leave', safeToStop: true };
    await leaveDfu(session, flashStart);
  } else {
    await session.toIdle();
  }
  return {
    outcome: changed.length > 0 ? 'restored' : 'unchanged',
    bytesWritten,
    bytesVerified: flashBytes,
    sectorsErased: board.sectorsErased,
    sha256,
    uid,
    isStarted,
  };
}

async function readFirstBlock(session: DfuSession): Promise<Uint8Array> {
  try {
    return await session.readBlock(flashStart, session.transferSize);
  } catch (error) {
    if (!isCanopusError(error, 'dfu/read-protected')) throw error;
    const message = 'The chip is read-protected, so a backup cannot be restored to it. Nothing was erased.';
    throw new CanopusError(error.code, message, { ...error.details, wanted: 'restore' }, { cause: error });
  }
}

function wrongSize(backupBytes: number, flashBytes: number): CanopusError {
  return new CanopusError(
    'backup/wrong-size',
    `The backup has ${backupBytes / 1024} KiB, the chip has ${flashBytes / 1024} KiB of flash: it belongs to another chip.`,
    { backupBytes, flashBytes },
    { state: 'untouched' },
  );
}
