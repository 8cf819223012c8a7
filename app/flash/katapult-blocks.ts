import { hasKnownSectors, sectorOf, writesWholePages } from '../mcu/stm32-katapult.ts';

/** One block as SEND_BLOCK writes it. */
export interface KatapultBlock {
  readonly address: number;
  /** Exactly one block; the end of the image is padded with ff. */
  readonly data: Uint8Array;
  /** The time-out for the device: the first block of a flash sector erases it. */
  readonly timeoutMs: number;
}

/** What is written, and in which order. */
export interface WritePlan {
  /** Blocks in the order in which they are sent. Each sector is contiguous, ascending within it. */
  readonly blocks: readonly KatapultBlock[];
  /** Blocks of the image in the order of their addresses. */
  readonly ascending: readonly KatapultBlock[];
  /**
   * How many of `blocks` can be written while the application's first word is still erased, so that a board that loses
   * its power meanwhile comes back in Katapult. 0 if the order cannot keep it erased.
   */
  readonly blocksBeforeFirstSector: number;
  /** A block of ff for the application's first sector: erases it, including the word that makes Katapult start it. */
  readonly eraser: KatapultBlock | null;
  /** Flash sectors that the image touches; null if the sectors of this MCU are unknown. */
  readonly sectorCount: number | null;
  /** A block that failed is sent again from the start of its sector on: alone it would lose others of its page. */
  readonly repeatsSectors: boolean;
  /** Index in `blocks` of the first block of the sector of `blocks[index]`; 0 if unknown. */
  sectorStart(index: number): number;
}

const blockTimeoutMs = 2000;
/** 16 and 64 KiB: up to 1.1 s at 32-bit parallelism, 2.4 s at 8-bit (RM0390, RM0090 and data sheets). */
const eraseTimeoutMs = 5000;
/** 128 KiB: up to 2 s, 4 s at 8-bit parallelism. */
const longEraseTimeoutMs = 10_000;

/**
 * Splits an image into blocks and orders them so that an interruption does the least harm.
 *
 * Katapult starts an application whose first word is neither 0 nor ffffffff, and the block that begins a sector erases
 * the sector unless all of it is blank: so the first block of a sector must come before the others of its sector, but
 * the sectors may come in any order. If the image is longer than its first sector, that sector is erased first (by a
 * block of ff), written last, and everything in between is safe to interrupt (docs/KATAPULT_WRITE_ORDER.md).
 */
export function planWrite(
  image: Uint8Array,
  applicationAddress: number,
  blockSize: number,
  mcu: string,
): WritePlan {
  const known = hasKnownSectors(mcu) && sectorOf(applicationAddress).start === applicationAddress;
  const ascending: KatapultBlock[] = [];
  for (let at = 0; at < image.length; at += blockSize) {
    ascending.push(
      blockAt(applicationAddress + at, padded(image.subarray(at, at + blockSize), blockSize), known),
    );
  }
  if (!known) {
    return {
      blocks: ascending,
      ascending,
      blocksBeforeFirstSector: 0,
      eraser: null,
      sectorCount: null,
      repeatsSectors: false,
      sectorStart: () => 0,
    };
  }
  const first = sectorOf(applicationAddress);
  const inFirst = ascending.filter(({ address }) => address < first.start + first.size);
  const behind = ascending.slice(inFirst.length);
  const blocks = [...behind, ...inFirst];
  const starts = blocks.map(({ address }) => sectorOf(address).start);
  return {
    blocks,
    ascending,
    blocksBeforeFirstSector: behind.length,
    eraser: blockAt(applicationAddress, new Uint8Array(blockSize).fill(0xff), known),
    sectorCount: new Set(starts).size,
    repeatsSectors: writesWholePages(mcu),
    sectorStart: (index) => starts.indexOf(starts[index] ?? 0),
  };
}

function blockAt(address: number, data: Uint8Array, known: boolean): KatapultBlock {
  if (!known) return { address, data, timeoutMs: eraseTimeoutMs };
  const { start, size } = sectorOf(address);
  if (start !== address) return { address, data, timeoutMs: blockTimeoutMs };
  return { address, data, timeoutMs: size > 64 * 1024 ? longEraseTimeoutMs : eraseTimeoutMs };
}

function padded(part: Uint8Array, blockSize: number): Uint8Array {
  if (part.length === blockSize) return part;
  const block = new Uint8Array(blockSize).fill(0xff);
  block.set(part);
  return block;
}
