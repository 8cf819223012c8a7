import { flashStart } from '../mcu/stm32-memory.ts';
import { CanopusError } from '../errors.ts';
import type { Chunk } from '../protocols/dfuse/block.ts';
import { chunksOf } from '../protocols/dfuse/block.ts';
import type { MemoryLayout } from '../protocols/dfuse/memory-layout.ts';
import type { Sector } from '../protocols/dfuse/sectors.ts';
import { isUsableFlash, sectorsCovering, segmentAt } from '../protocols/dfuse/sectors.ts';
import type { BoardProgress } from './board-progress.ts';
import type { DfuSession } from './dfu-session.ts';

/** What the steps of one restore share. */
export interface RestoreWork {
  readonly session: DfuSession;
  /** The wanted content of all of flash. */
  readonly bytes: Uint8Array;
  /** How much of it is written last: see `bootPartLength`. */
  readonly bootLength: number;
  readonly signal: AbortSignal | undefined;
  readonly board: BoardProgress;
}

/** A transfer of a restore. */
interface RestoreBlock extends Chunk {
  /** The content before the boot part is written. */
  readonly body: Uint8Array;
}

/** All sectors of flash, ascending. Throws `dfu/bad-layout` if one of them cannot be read, erased or written. */
export function flashSectors(layout: MemoryLayout, flashBytes: number): readonly Sector[] {
  const sectors = sectorsCovering(layout, flashStart, flashBytes);
  if (sectors?.every(({ address }) => isUsableFlash(segmentAt(layout, address)))) return sectors;
  throw new CanopusError(
    'dfu/bad-layout',
    'The chip describes flash that cannot be read, erased and written: a backup cannot be restored completely.',
    { flashBytes },
    { state: 'untouched' },
  );
}

/** The transfers of a sector, with the boot part left erased. */
export function* blocksOf(
  { session, bytes, bootLength }: RestoreWork,
  sector: Sector,
): Generator<RestoreBlock, void> {
  for (const { address, length } of chunksOf(sector.address, sector.size, session.transferSize)) {
    const start = address - flashStart;
    // A copy whatever the input: `slice` of a Node Buffer is not one.
    const body = new Uint8Array(bytes.subarray(start, start + length));
    if (start < bootLength) body.fill(0xff, 0, bootLength - start);
    yield { address, length, body };
  }
}

/** Sum of bytes. */
export function bytesIn(sectors: readonly Sector[]): number {
  return sectors.reduce((sum, { size }) => sum + size, 0);
}
