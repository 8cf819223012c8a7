import { chunksOf, groupsOf } from '../protocols/dfuse/block.ts';
import type { DfuSession } from './dfu-session.ts';

/** Bytes of memory and their address. */
interface MemoryPiece {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/**
 * Reads `length` bytes from `address` by sequential UPLOADs, one control transfer each, yielding them as they come. The
 * caller may stop between two pieces at any time. Throws as `DfuSession.readBlock` does.
 */
export async function* readMemory(
  session: DfuSession,
  address: number,
  length: number,
): AsyncGenerator<MemoryPiece, void, void> {
  for (const group of groupsOf(chunksOf(address, length, session.transferSize), session.blocksAhead)) {
    await session.doAhead(group);
    for (const chunk of group) {
      yield { address: chunk.address, bytes: await session.readBlock(chunk.address, chunk.length) };
    }
  }
}
