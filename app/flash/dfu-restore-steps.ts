import { flashStart } from '../mcu/stm32-memory.ts';
import type { Sector } from '../protocols/dfuse/sectors.ts';
import { bootWordsLength } from './dfu-plan.ts';
import { readMemory } from './dfu-read.ts';
import { blocksOf, bytesIn, type RestoreWork } from './dfu-restore-plan.ts';
import { throwIfCancelled } from './board-progress.ts';
import { eraseSector } from './dfu-steps.ts';
import { checkErased, checkWritten } from './dfu-verify.ts';
import { isErased, sameBytes } from './flash-bytes.ts';
import type { FlashEvent } from './flash-event.ts';

type Step<Result> = AsyncGenerator<FlashEvent, Result, void>;

/**
 * Reads flash, whose first transfer is `bootBlock`, and returns the sectors to erase, ascending: none if every byte
 * already matches, otherwise those that differ and always the one with the boot words.
 *
 * A chip without boot words is either blank, or an earlier run was cut off: then a sector may read correctly although
 * its cells are only half erased or programmed, and hold badly. So all of its sectors are erased again.
 */
export async function* compare(
  work: RestoreWork,
  sectors: readonly Sector[],
  bootBlock: Uint8Array,
): Step<readonly Sector[]> {
  const { session, bytes } = work;
  const [bootSector] = sectors;
  if (isErased(bootBlock.subarray(0, bootWordsLength))) {
    yield {
      type: 'note',
      text: 'Flash begins blank, perhaps after an interrupted run: all of it is erased again.',
    };
    return sectors;
  }
  const changed: Sector[] = [];
  const bytesTotal = bytesIn(sectors);
  let bytesDone = 0;
  for (const sector of sectors) {
    let isSame = true;
    for await (const piece of readMemory(session, sector.address, sector.size)) {
      const start = piece.address - flashStart;
      isSame = sameBytes(piece.bytes, bytes.subarray(start, start + piece.bytes.length));
      throwIfCancelled(work.signal, work.board);
      if (!isSame) break;
    }
    if (!isSame) changed.push(sector);
    bytesDone += sector.size;
    yield { type: 'progress', phase: 'check', bytesDone, bytesTotal };
  }
  const isBootSectorLeft = bootSector !== undefined && changed.length > 0 && !changed.includes(bootSector);
  return isBootSectorLeft ? [bootSector, ...changed] : changed;
}

/** From the first erase on there is no firmware left to start. */
export async function* eraseChanged(work: RestoreWork, sectors: readonly Sector[]): Step<void> {
  const { session, board, signal } = work;
  yield { type: 'phase', phase: 'erase', safeToStop: false };
  const bytesTotal = bytesIn(sectors);
  let bytesDone = 0;
  for (const sector of sectors) {
    throwIfCancelled(signal, board);
    await eraseSector(work, sector);
    // The ROM does not report that a write-protected sector stays unchanged.
    const first = Math.min(sector.size, session.transferSize);
    if (sector.address === flashStart) await checkErased(session, flashStart, first);
    bytesDone += sector.size;
    yield { type: 'progress', phase: 'erase', bytesDone, bytesTotal };
  }
}

/**
 * Everything except the boot part, and nothing where the erased content is wanted. Returns the number of bytes
 * written.
 */
export async function* writeChanged(work: RestoreWork, sectors: readonly Sector[]): Step<number> {
  const { session, board, signal } = work;
  yield { type: 'phase', phase: 'write', safeToStop: false };
  const blocks = sectors
    .flatMap((sector) => [...blocksOf(work, sector)])
    .filter(({ body }) => !isErased(body));
  const bytesTotal = blocks.reduce((sum, { length }) => sum + length, 0);
  let bytesDone = 0;
  for (const { address, length, body } of blocks) {
    throwIfCancelled(signal, board);
    await session.writeBlock(address, body);
    bytesDone += length;
    yield { type: 'progress', phase: 'write', bytesDone, bytesTotal };
  }
  return bytesTotal;
}

/**
 * Reads everything back that was erased; only then writes the boot part, which makes it a program, and reads that
 * back.
 */
export async function* verifyChanged(work: RestoreWork, sectors: readonly Sector[]): Step<void> {
  const { session, bytes, bootLength, board, signal } = work;
  yield { type: 'phase', phase: 'verify', safeToStop: false };
  const bytesTotal = bytesIn(sectors);
  let bytesDone = 0;
  for (const sector of sectors) {
    for (const { address, length, body } of blocksOf(work, sector)) {
      throwIfCancelled(signal, board);
      if (isErased(body)) await checkErased(session, address, length);
      else await checkWritten(session, address, body);
      bytesDone += length;
      if (bytesDone < bytesTotal) yield { type: 'progress', phase: 'verify', bytesDone, bytesTotal };
    }
  }
  throwIfCancelled(signal, board);
  const bootPart = bytes.subarray(0, bootLength);
  if (!isErased(bootPart)) {
    await session.writeBlock(flashStart, bootPart);
    await checkWritten(session, flashStart, bytes.subarray(0, session.transferSize));
  }
  board.state = 'restored';
  yield { type: 'progress', phase: 'verify', bytesDone: bytesTotal, bytesTotal };
}
