import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockNumberFor, chunksOf } from '../../../../app/protocols/dfuse/block.ts';

const pointer = 0x08000000;
const transferSize = 2048;

describe('block numbers', () => {
  it('reach a whole run from one address pointer', () => {
    expect(blockNumberFor({ pointer, address: pointer, length: 2048, transferSize })).toBe(2);
    expect(blockNumberFor({ pointer, address: 0x08000800, length: 2048, transferSize })).toBe(3);
    expect(blockNumberFor({ pointer, address: 0x08008000, length: 2048, transferSize })).toBe(18);
    expect(blockNumberFor({ pointer, address: pointer + 0xfffd * 2048, length: 2048, transferSize })).toBe(
      0xffff,
    );
  });

  it('reach a short transfer at the pointer only: devices do not agree on where it would land elsewhere', () => {
    expect(blockNumberFor({ pointer, address: pointer, length: 8, transferSize })).toBe(2);
    expect(blockNumberFor({ pointer, address: 0x08000800, length: 8, transferSize })).toBe(null);
  });

  it('do not reach back, between blocks, or beyond 65535', () => {
    expect(blockNumberFor({ pointer, address: pointer - 2048, length: 2048, transferSize })).toBe(null);
    expect(blockNumberFor({ pointer, address: pointer + 4, length: 2048, transferSize })).toBe(null);
    expect(blockNumberFor({ pointer, address: pointer + 0xfffe * 2048, length: 2048, transferSize })).toBe(
      null,
    );
  });
});

describe('chunks', () => {
  it('cover a stretch once, in order, all of full length but the last', () => {
    fc.assert(
      fc.property(fc.nat(20_000), fc.integer({ min: 1, max: 4096 }), (length, size) => {
        const chunks = [...chunksOf(100, length, size)];
        const last = chunks.pop();
        expect(chunks).toEqual(chunks.map((_, index) => ({ address: 100 + index * size, length: size })));
        expect((last?.address ?? 100) + (last?.length ?? 0)).toBe(100 + length);
        expect(last?.address ?? 100).toBe(100 + chunks.length * size);
      }),
    );
  });
});
