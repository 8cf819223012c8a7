import { describe, expect, it } from 'vitest';
import {
  encodeCommand,
  encodeIdentify,
  parseIdentifyResponse,
  parseNumbers,
} from '../../../../app/protocols/klipper/command.ts';
import { BlockReader, encodeBlock } from '../../../../app/protocols/klipper/message-block.ts';
import { encodeVlq, readVlq } from '../../../../app/protocols/klipper/vlq.ts';
import { cases } from '../../../counts.ts';
import { Random } from '../katapult/random.ts';
import { fromHex, toHex } from '../katapult/vectors.ts';

/** Made by klippy/msgproto.py of Klipper v0.13.0-730-g84104bbbd: sequence, content, block. */
const blocks = [
  [0, encodeIdentify(0, 40), '08100100285e9f7e'],
  [1, encodeIdentify(40, 40), '0811012828afd77e'],
  [15, encodeIdentify(5000, 40), '091f01a708280f5c7e'],
  [3, new Uint8Array(0), '0513ac1a7e'],
] as const;

/** An identify_response with 40 bytes from offset 40, by the same program. */
const response =
  '3012002828000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526273f7d7e';

/** By the same program. */
const numbers: readonly (readonly [number, string])[] = [
  [0, '00'],
  [95, '5f'],
  [96, '8060'],
  [-32, '60'],
  [-33, 'ff5f'],
  [12287, 'df7f'],
  [12288, '80e000'],
  [-4096, 'e000'],
  [-4097, 'ffdf7f'],
  [0x7fffffff, '87ffffff7f'],
  [0xffffffff, '8fffffff7f'],
  [1572863, 'dfff7f'],
  [1572864, '80e08000'],
  [201326591, 'dfffff7f'],
  [201326592, '80e0808000'],
];

const read = (...parts: readonly string[]): string[] => {
  const reader = new BlockReader();
  return parts.flatMap((part) => reader.push(fromHex(part))).map((block) => toHex(encodeBlock(block)));
};

describe('variable length quantities', () => {
  it('reads the numbers of Klipper’s host, in as many bytes or fewer', () => {
    for (const [value, hex] of numbers) {
      expect(readVlq(fromHex(hex), 0), hex).toEqual({ value: value | 0, next: hex.length / 2 });
      expect(encodeVlq(value).length, hex).toBeLessThanOrEqual(hex.length / 2);
      expect(readVlq(Uint8Array.from(encodeVlq(value)), 0)?.value, hex).toBe(value | 0);
    }
  });

  it('writes what the host writes for every number that has a sign of 32 bits', () => {
    for (const [value, hex] of numbers.filter(([each]) => each === (each | 0)))
      expect(toHex(Uint8Array.from(encodeVlq(value))), String(value)).toBe(hex);
  });

  it('reads no number that ends early or never ends', () => {
    expect(readVlq(fromHex('80'), 0)).toBeNull();
    expect(readVlq(fromHex('8080808080808000'), 0)).toBeNull();
    expect(readVlq(fromHex(''), 0)).toBeNull();
  });
});

describe('message blocks', () => {
  it('are the bytes of Klipper’s host', () => {
    for (const [sequence, content, hex] of blocks)
      expect(toHex(encodeBlock({ sequence, content }))).toBe(hex);
    expect(() => encodeBlock({ sequence: 0, content: new Uint8Array(60) })).toThrow(RangeError);
  });

  it('are read at every cut, and behind what is left of another', () => {
    const all = blocks.map(([, , hex]) => hex);
    const joined = `${all.join('')}${response}`;
    for (let cut = 0; cut <= joined.length; cut += 2)
      expect(read(joined.slice(0, cut), joined.slice(cut))).toEqual([...all, response]);
    expect(read('7e', '0810010028', '7e', all[1] ?? '')).toEqual([all[1]]);
  });

  it('with a wrong CRC, sequence or end are skipped, and no good one behind them', () => {
    const good = blocks[1][2];
    for (const bad of ['08100100285e9e7e', '08200100285e9f7e', '08100100285e9f7f', '04107e', '40', 'ffff7e'])
      expect(read(bad, good, response), bad).toContain(response);
  });

  it('survives any bytes, and finds every block that follows enough of them', () => {
    const random = new Random(5);
    for (let round = 0; round < cases(200); round++) {
      const reader = new BlockReader();
      reader.push(random.bytes(random.below(300)));
      // Longer than any block that the noise may seem to begin.
      reader.push(new Uint8Array(64));
      expect(reader.push(fromHex(response)).at(-1)?.sequence).toBe(2);
    }
  });
});

describe('messages', () => {
  it('read a piece of the dictionary', () => {
    const [block] = new BlockReader().push(fromHex(response));
    const parsed = parseIdentifyResponse(block?.content ?? new Uint8Array(0));
    expect(parsed).toEqual({ offset: 40, data: Uint8Array.from({ length: 40 }, (_, index) => index) });
    expect(parseIdentifyResponse(fromHex('002828000102'))).toBeNull();
    expect(parseIdentifyResponse(fromHex('05'))).toBeNull();
    expect(parseIdentifyResponse(fromHex(''))).toBeNull();
  });

  it('with numbers are read by their id', () => {
    const content = encodeCommand(90, 7, 0xffffffff, 0);
    expect(parseNumbers(content, 90, 3)).toEqual([7, 0xffffffff, 0]);
    expect(parseNumbers(content, 91, 3)).toBeNull();
    expect(parseNumbers(content, 90, 4)).toBeNull();
  });
});
