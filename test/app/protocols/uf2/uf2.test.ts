import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBlock, encodeBlock, uf2BlockBytes } from '../../../../app/protocols/uf2/block.ts';
import { uf2Families } from '../../../../app/protocols/uf2/families.ts';
import { readUf2, writeUf2, type Uf2Segment } from '../../../../app/protocols/uf2/file.ts';
import { Random } from '../../../fixtures/random.ts';
import { cases } from '../../../counts.ts';
import { fromHex, toHex } from '../picoboot/vectors.ts';

const { rp2040, rp2350Arm, absolute } = uf2Families;

/** The head and the end of block 1 of 2, compiled with pico-sdk's boot/uf2.h (commit a1438dff). */
const head = '5546320a57515d9e002000000001001000010000010000000200000056ff8be4';
const end = '00000000306fb10a';
const payload = Uint8Array.from({ length: 256 }, (_, index) => index);

describe('a UF2 block', () => {
  const block = {
    flags: 0x2000,
    address: 0x10000100,
    blockNumber: 1,
    blockCount: 2,
    family: rp2040,
    payload,
  };

  it('has the bytes of the reference', () => {
    const bytes = encodeBlock(block);
    expect(bytes.length).toBe(512);
    expect([toHex(bytes.subarray(0, 32)), toHex(bytes.subarray(504))]).toEqual([head, end]);
    expect(bytes.subarray(32, 288)).toEqual(payload);
    expect(decodeBlock(bytes)).toEqual(block);
  });

  it('is not one with a wrong magic, another length or too long a payload', () => {
    const bytes = encodeBlock(block);
    for (const [at, value] of [
      [0, 0],
      [4, 0],
      [508, 0],
      [17, 2],
    ] as const) {
      const wrong = bytes.slice();
      wrong[at] = value;
      expect(decodeBlock(wrong)).toBe(null);
    }
    expect(decodeBlock(bytes.subarray(0, 511))).toBe(null);
    expect(() => encodeBlock({ ...block, payload: new Uint8Array(477) })).toThrow(RangeError);
  });

  it('without the flag names no family', () => {
    const bytes = fromHex(head + '00'.repeat(472) + end);
    expect(decodeBlock(bytes)?.family).toBe(rp2040);
    bytes[9] = 0;
    expect(decodeBlock(bytes)?.family).toBe(null);
  });
});

describe('a UF2 file', () => {
  const katapult: Uf2Segment = { address: 0x10000000, bytes: new Random(1).bytes(7 * 256) };
  const clear: Uf2Segment = { address: 0x10004000, bytes: new Uint8Array(256) };

  it('is read as it was written, in segments', () => {
    const file = writeUf2(rp2040, [katapult, clear]);
    expect(file.length).toBe(8 * 512);
    expect(readUf2(file)).toEqual({
      images: [{ family: rp2040, segments: [katapult, clear] }],
      damaged: null,
    });
  });

  it('holds any segments, filled up to whole pages with zeros', () => {
    const segment = fc.record({ page: fc.nat(40), bytes: fc.uint8Array({ minLength: 1, maxLength: 600 }) });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (each) => {
        // Far enough from each other not to touch.
        const segments = each.map(({ page, bytes }, index) => ({
          address: (page + index * 100) * 256,
          bytes,
        }));
        const reading = readUf2(writeUf2(rp2350Arm, segments));
        const filled = segments.map(({ address, bytes }) => {
          const whole = new Uint8Array(Math.ceil(bytes.length / 256) * 256);
          whole.set(bytes);
          return { address, bytes: whole };
        });
        expect(reading).toEqual({ images: [{ family: rp2350Arm, segments: filled }], damaged: null });
      }),
    );
  });

  it('is read whatever the order of its blocks', () => {
    const file = writeUf2(rp2040, [katapult]);
    const turned = new Uint8Array(file.length);
    for (let at = 0; at < file.length; at += 512)
      turned.set(file.subarray(at, at + 512), file.length - at - 512);
    expect(readUf2(turned)).toEqual(readUf2(file));
  });

  it('may hold one image per family', () => {
    const both = Uint8Array.of(...writeUf2(rp2040, [clear]), ...writeUf2(rp2350Arm, [katapult]));
    expect(readUf2(both)).toEqual({
      images: [
        { family: rp2040, segments: [clear] },
        { family: rp2350Arm, segments: [katapult] },
      ],
      damaged: null,
    });
  });

  it('may begin with the block that an RP2350 ignores', () => {
    const ignored = encodeBlock({
      ...{ flags: 0x2000, address: 0x10ffff00, family: absolute, blockNumber: 0, blockCount: 2 },
      payload: new Uint8Array(256).fill(0xef),
    });
    const reading = readUf2(Uint8Array.of(...ignored, ...writeUf2(rp2350Arm, [katapult])));
    expect(reading).toEqual({ images: [{ family: rp2350Arm, segments: [katapult] }], damaged: null });
  });

  it.each([
    ['a block missing', (file: Uint8Array) => file.subarray(512), /1 of 8 blocks are missing/],
    [
      'a block twice',
      (file: Uint8Array) => Uint8Array.of(...file, ...file.subarray(0, 512)),
      /block 0 is in it twice/,
    ],
    ['half a block', (file: Uint8Array) => file.subarray(0, file.length - 256), /cut short/],
    ['a byte of a magic changed', (file: Uint8Array) => file.with(512 + 508, 0), /block 1 is not one/],
    ['another number of blocks', (file: Uint8Array) => file.with(512 + 24, 9), /block 1 calls itself 1 of 9/],
    ['two blocks for one page', (file: Uint8Array) => file.with(512 + 13, 0), /two of its blocks overlap/],
    ['something else before it', (file: Uint8Array) => file.with(0, 0), /does not begin like/],
    ['nothing for flash', (file: Uint8Array) => file.subarray(0, 512).with(8, 1), /no block for flash/],
  ])('is not used with %s', (_, damage, reason) => {
    expect(readUf2(damage(writeUf2(rp2040, [katapult, clear]))).damaged).toMatch(reason);
  });

  it('is not written from what shares a page', () => {
    expect(() => writeUf2(rp2040, [clear, clear])).toThrow(RangeError);
    expect(() => writeUf2(rp2040, [{ ...clear, address: 0x10004010 }])).toThrow(RangeError);
  });

  it('never makes the reader throw or return more than is in it, whatever its bytes', () => {
    const random = new Random(2040);
    const seeds = [
      writeUf2(rp2040, [katapult, clear]),
      writeUf2(rp2350Arm, [clear]),
      writeUf2(absolute, [clear]),
    ];
    for (let run = cases(100_000); run > 0; run--) {
      const file = random.mutate(random.pick(seeds));
      const reading = readUf2(file);
      if (reading.damaged !== null) continue;
      const bytes = reading.images
        .flatMap(({ segments }) => segments)
        .reduce((sum, each) => sum + each.bytes.length, 0);
      expect(bytes).toBeLessThanOrEqual((file.length / uf2BlockBytes) * 476);
    }
  });
});
