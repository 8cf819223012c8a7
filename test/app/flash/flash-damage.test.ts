import { describe, expect, it } from 'vitest';
import { findDeadBits } from '../../../app/flash/flash-damage.ts';

const block = Uint8Array.from({ length: 64 }, (_, index) => index);
const changed = (...changes: readonly (readonly [number, number])[]): Uint8Array => {
  const found = block.slice();
  for (const [at, xor] of changes) found[at]! ^= xor;
  return found;
};

describe('dead bits', () => {
  it('are few, counted, and named by the first one', () => {
    expect(findDeadBits(0x08008000, block, changed([5, 0x10], [9, 0x03]))).toEqual({
      address: 0x08008005,
      expected: 5,
      found: 0x15,
      count: 3,
    });
  });

  it('are none where the block is right', () => {
    expect(findDeadBits(0x08008000, block, block)).toBeNull();
  });

  it('are none where so much is wrong that something else was written', () => {
    expect(findDeadBits(0x08008000, block, changed([0, 0xff], [1, 0xff]))).toBeNull();
  });

  it('are none where nothing was written at all', () => {
    const nearlyErased = new Uint8Array(64).fill(0xff);
    nearlyErased[3] = 0xfe;
    expect(findDeadBits(0x08008000, nearlyErased, new Uint8Array(64).fill(0xff))).toBeNull();
  });
});
