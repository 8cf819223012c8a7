import { chunksOf } from '../protocols/dfuse/block.ts';
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
  for (const chunk of chunksOf(address, length, session.transferSize)) {
    yield { address: chunk.address, bytes: await session.readBlock(chunk.address, chunk.length) };
  }
}
