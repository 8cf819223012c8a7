import { hex32 } from '../hex.ts';
import type { ErrorDetails } from '../errors.ts';

/**
 * How many bits of a block may be wrong and still count as dead cells. A write or an erase that did not happen, or went
 * elsewhere, gets hundreds of bits wrong.
 */
const maxDeadBits = 8;

/** Wrong bits that two readings of one block agree on. */
export interface DeadBits {
  /** Address of the first one. */
  readonly address: number;
  readonly expected: number;
  readonly found: number;
  /** How many there are in the block. */
  readonly count: number;
}

/**
 * The bits of a block that differ from what was written, if they are so few that the cells must be dead; null if there
 * are none or more, and for a block that is still erased: then nothing was written there at all. The caller has read
 * the block more than once.
 */
export function findDeadBits(address: number, expected: Uint8Array, found: Uint8Array): DeadBits | null {
  let count = 0;
  let first = -1;
  for (let index = 0; index < expected.length; index += 1) {
    const wrong = (expected[index] ?? 0) ^ (found[index] ?? 0);
    if (wrong === 0) continue;
    if (first < 0) first = index;
    count += bitsIn(wrong);
    if (count > maxDeadBits) return null;
  }
  if (first < 0 || found.every((byte) => byte === 0xff)) return null;
  return { address: address + first, expected: expected[first] ?? 0, found: found[first] ?? 0, count };
}

/** One sentence; `done` is the operation. */
export function describeDeadBits(
  { address, expected, found, count }: DeadBits,
  done: 'written' | 'erased',
): string {
  const wrong = count === 1 ? '1 bit of the block is' : `${count} bits of the block are`;
  return (
    `The flash holds ${hexByte(found)} at ${hex32(address)} where ${hexByte(expected)} ` +
    `${done === 'written' ? 'was written' : 'is left by an erase'}, each time it is read: ` +
    `${wrong} wrong, so the flash may be damaged.`
  );
}

export function deadBitsDetails({ address, expected, found, count }: DeadBits): ErrorDetails {
  return {
    address: hex32(address),
    expected: hexByte(expected),
    found: hexByte(found),
    wrongBits: count,
  };
}

export function hexByte(value: number | undefined): string {
  return value === undefined ? '' : `0x${value.toString(16).padStart(2, '0')}`;
}

function bitsIn(byte: number): number {
  let count = 0;
  for (let left = byte; left > 0; left &= left - 1) count += 1;
  return count;
}
