/**
 * Where a data block goes (AN3156, sections 4.1 and 5.1):
 * `address = (wBlockNum - 2) * wTransferSize + address pointer`, where wBlockNum is wValue, 2 or more.
 *
 * ST's documents say that wTransferSize in this formula is *the length of the buffer of this request*; ST's published
 * device code uses the constant of the functional descriptor instead. Both agree for a transfer of full length and for
 * block 2, so a shorter transfer is only ever sent as block 2.
 */
export const firstDataBlock = 2;
const lastDataBlock = 0xffff;

interface BlockTransfer {
  readonly pointer: number;
  readonly address: number;
  readonly length: number;
  readonly transferSize: number;
}

/** The wValue that reaches `address` from the pointer; null if the pointer must be set again. */
export function blockNumberFor({ pointer, address, length, transferSize }: BlockTransfer): number | null {
  const offset = address - pointer;
  if (offset === 0) return firstDataBlock;
  if (offset < 0 || offset % transferSize !== 0 || length !== transferSize) return null;
  const wBlockNum = firstDataBlock + offset / transferSize;
  return wBlockNum <= lastDataBlock ? wBlockNum : null;
}

/** A range of memory split into transfers: all of full length except the last. */
export interface Chunk {
  readonly address: number;
  readonly length: number;
}

/** Splits `length` bytes from `address` into transfers, lazily. */
export function* chunksOf(address: number, length: number, transferSize: number): Generator<Chunk, void> {
  for (let done = 0; done < length; done += transferSize) {
    yield { address: address + done, length: Math.min(transferSize, length - done) };
  }
}

/** The items in groups of at most `size`, lazily. */
export function* groupsOf<T>(items: Iterable<T>, size: number): Generator<readonly T[], void> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
