import { flashStart } from '../mcu/stm32-memory.ts';
import { chunksOf, groupsOf } from '../protocols/dfuse/block.ts';
import type { Sector } from '../protocols/dfuse/sectors.ts';
import type { BackupSink } from './dfu-backup.ts';
import { backUpFlash } from './dfu-backup.ts';
import { isRefusedWithoutEffect } from './dfu-failure.ts';
import type { InstallPlan } from './dfu-plan.ts';
import { readMemory } from './dfu-read.ts';
import { throwIfCancelled, type BoardProgress } from './board-progress.ts';
import type { DfuSession } from './dfu-session.ts';
import type { DfuTarget } from './dfu-target.ts';
import { checkErased, checkWritten } from './dfu-verify.ts';
import { isErased } from './flash-bytes.ts';
import type { FlashEvent } from './flash-event.ts';

/** What the steps of one install share. */
export interface DfuInstall {
  readonly session: DfuSession;
  readonly plan: InstallPlan;
  readonly imageLength: number;
  /** A guess that saves erasing a sector that is already erased; `verify` checks. */
  readonly applicationLooksErased: boolean;
  readonly signal: AbortSignal | undefined;
  readonly board: BoardProgress;
}

type Step = AsyncGenerator<FlashEvent, void, void>;

/** All of flash into the sink. */
export async function* backUp(run: DfuInstall, sink: BackupSink, target: DfuTarget): Step {
  yield { type: 'phase', phase: 'backup', safeToStop: true };
  for await (const bytesDone of backUpFlash(run.session, sink, target)) {
    yield { type: 'progress', phase: 'backup', bytesDone, bytesTotal: target.flashBytes };
    throwIfCancelled(run.signal, run.board);
  }
}

/** The sectors of the plan, in its order. */
export async function* erase(run: DfuInstall): Step {
  yield { type: 'phase', phase: 'erase', safeToStop: false };
  const { imageSectors, applicationSector } = run.plan;
  const sectors = run.applicationLooksErased ? imageSectors : [...imageSectors, applicationSector];
  const bytesTotal = sectors.reduce((sum, sector) => sum + sector.size, 0);
  let bytesDone = 0;
  for (const sector of sectors) {
    throwIfCancelled(run.signal, run.board);
    await eraseSector(run, sector);
    bytesDone += sector.size;
    yield { type: 'progress', phase: 'erase', bytesDone, bytesTotal };
  }
}

/** Erases one sector and counts it. A refusal that did nothing leaves the board's state unchanged. */
export async function eraseSector(
  { session, board }: Pick<DfuInstall, 'session' | 'board'>,
  sector: Sector,
): Promise<void> {
  const { state } = board;
  try {
    await session.eraseSector(sector.address, () => {
      board.state = 'dfu-partial';
    });
  } catch (error) {
    if (isRefusedWithoutEffect(error)) board.state = state;
    throw error;
  }
  board.sectorsErased += 1;
}

/** Everything except the boot part. */
export async function* write(run: DfuInstall): Step {
  yield { type: 'phase', phase: 'write', safeToStop: false };
  const { session, plan, imageLength } = run;
  const bootLength = plan.bootPart.length;
  const dataAt = (address: number, length: number): Uint8Array =>
    plan.body.subarray(address - flashStart, address - flashStart + length);
  const chunks = [...chunksOf(flashStart, plan.body.length, session.transferSize)].filter(
    ({ address, length }) => address - flashStart + length > bootLength,
  );
  for (const group of groupsOf(chunks, session.blocksAhead)) {
    throwIfCancelled(run.signal, run.board);
    await session.doAhead(
      group.map(({ address, length }) => ({ address, length, data: dataAt(address, length) })),
    );
    for (const { address, length } of group) {
      throwIfCancelled(run.signal, run.board);
      await session.writeBlock(address, dataAt(address, length));
      const bytesDone = Math.min(address - flashStart + length, imageLength) - bootLength;
      yield { type: 'progress', phase: 'write', bytesDone, bytesTotal: imageLength - bootLength };
    }
  }
}

/** Reads everything back; only then writes the boot part, which makes it a firmware, and reads that back. */
export async function* verify(run: DfuInstall): Step {
  yield { type: 'phase', phase: 'verify', safeToStop: false };
  const { session, plan, imageLength } = run;
  const chunks = chunksOf(flashStart, plan.body.length, session.transferSize);
  for (const group of groupsOf(chunks, session.blocksAhead)) {
    await session.doAhead(group);
    for (const { address, length } of group) {
      throwIfCancelled(run.signal, run.board);
      const end = address - flashStart + length;
      await checkWritten(session, address, plan.body.subarray(end - length, end));
      const bytesDone = Math.max(0, Math.min(end, imageLength) - plan.bootPart.length);
      yield { type: 'progress', phase: 'verify', bytesDone, bytesTotal: imageLength };
    }
  }
  yield* proveErased(run);
  const { bootPart, expected } = plan;
  throwIfCancelled(run.signal, run.board);
  await session.writeBlock(flashStart, bootPart);
  await checkWritten(session, flashStart, expected.subarray(0, session.transferSize));
  run.board.state = 'dfu-written';
  yield { type: 'progress', phase: 'verify', bytesDone: imageLength, bytesTotal: imageLength };
}

/**
 * Reads everything that was erased and not written: the rest of the image's sectors and all of the application's first
 * one. A sector that was only assumed to be erased is erased now if it is not.
 */
async function* proveErased(run: DfuInstall): Step {
  const { plan, applicationLooksErased } = run;
  const { address, size } = plan.applicationSector;
  const imageEnd = flashStart + plan.body.length;
  await checkAllErased(run, imageEnd, endOf(plan.imageSectors) - imageEnd);
  if (applicationLooksErased) {
    if (await holdsNothing(run, plan.applicationSector)) {
      yield {
        type: 'note',
        text: 'The first sector of the application was already erased and is unchanged.',
      };
      return;
    }
    await eraseSector(run, plan.applicationSector);
  }
  await checkAllErased(run, address, size);
}

async function checkAllErased(
  { session, signal, board }: DfuInstall,
  from: number,
  size: number,
): Promise<void> {
  for (const group of groupsOf(chunksOf(from, size, session.transferSize), session.blocksAhead)) {
    await session.doAhead(group);
    for (const { address, length } of group) {
      throwIfCancelled(signal, board);
      await checkErased(session, address, length);
    }
  }
}

function endOf(sectors: readonly Sector[]): number {
  return Math.max(flashStart, ...sectors.map(({ address, size }) => address + size));
}

async function holdsNothing(run: DfuInstall, sector: Sector): Promise<boolean> {
  for await (const { bytes } of readMemory(run.session, sector.address, sector.size)) {
    if (!isErased(bytes)) return false;
    throwIfCancelled(run.signal, run.board);
  }
  return true;
}
