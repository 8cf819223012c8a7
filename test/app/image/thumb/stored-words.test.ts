import { describe, expect, it } from 'vitest';
import { findStoredWords } from '../../../../app/image/thumb/stored-words.ts';
import { halvesOf } from '../../../../app/image/words.ts';
import { Random } from '../../../fixtures/random.ts';
import { assemble, ldr, type ThumbCode } from '../../../fixtures/thumb.ts';

const rcc = 0x40023800;
const pllConfig = 0x40023804;
const reset = 0x24003010;
const setUp = 0x67402d06;

function stored(...code: ThumbCode): readonly (number | null)[] {
  return findStoredWords(halvesOf(assemble(code)), pllConfig);
}

/** What the instruction does stands behind its halfwords. */
const storeR5 = 0x605d; // str r5, [r3, #4]
const storeR2 = 0x605a; // str r2, [r3, #4]

describe('the value that code stores', () => {
  it('is a literal, as GCC 12 and 14 have it', () => {
    expect(stored(ldr(3, rcc), ldr(5, reset), storeR5, ldr(2, setUp), storeR2)).toEqual([reset, setUp]);
  });

  it('is known behind a loop that waits for a bit', () => {
    // LDR r1, [r3]; LSLS r1, r1, #14; BPL to the LDR.
    expect(stored(ldr(3, rcc), ldr(5, setUp), 0x6819, 0x0389, 0xd5fc, storeR5)).toEqual([setUp]);
  });

  it('is followed through what GCC 8 makes of it for F446', () => {
    const code = [
      ...[ldr(3, rcc), ldr(5, reset)],
      0x6819, // ldr r1, [r3, #0]
      ...[0xf041, 0x0101], // orr.w r1, r1, #1
      0x6019, // str r1, [r3, #0]
      storeR5,
      ...[0xf105, 0x4588], // add.w r5, r5, #0x44000000
      ...[0xf5a5, 0x0540], // sub.w r5, r5, #0xc00000
      ...[0xf442, 0x3280], // orr.w r2, r2, #0x10000
      ...[0xf2a5, 0x350a], // subw r5, r5, #0x30a
      0x601a, // str r2, [r3, #0]
      storeR5,
    ];
    expect(stored(...code)).toEqual([reset, 0x67402d06]);
  });

  it('is followed through what GCC 8 makes of it for F429', () => {
    const code = [
      ...[ldr(3, rcc), ldr(4, reset)],
      0x605c, // str r4, [r3, #4]
      ...[0xf1a4, 0x54e6], // sub.w r4, r4, #0x1cc00000
      ...[0xf2a4, 0x640c], // subw r4, r4, #0x60c
      0x605c, // str r4, [r3, #4]
    ];
    expect(stored(...code)).toEqual([reset, 0x07402a04]);
  });

  it('is put together by MOVW and MOVT, the address too', () => {
    const code = [
      ...[0xf642, 0x5506], // movw r5, #0x2d06
      ...[0xf2c6, 0x7540], // movt r5, #0x6740
      ...[0xf643, 0x0300], // movw r3, #0x3800
      ...[0xf2c4, 0x0302], // movt r3, #0x4002
      storeR5,
    ];
    expect(stored(...code)).toEqual([setUp]);
  });

  it('is put together by ORR from immediates', () => {
    const code = [
      ...[0xf04f, 0x4380], // mov.w r3, #0x40000000
      ...[0xf503, 0x330e], // add.w r3, r3, #0x23800
      0x2206, // movs r2, #6
      ...[0xf042, 0x42ce], // orr.w r2, r2, #0x67000000
      ...[0xf442, 0x0280], // orr.w r2, r2, #0x400000
      ...[0xf442, 0x5234], // orr.w r2, r2, #0x2d00
      storeR2,
    ];
    expect(stored(...code)).toEqual([setUp]);
  });

  it.each<[string, ReturnType<typeof ldr>, readonly number[]]>([
    ['str.w r5, [r3, #0x804]', ldr(3, 0x40023000), [0xf8c3, 0x5804]],
    ['adds r3, #4; str r5, [r3, #0]', ldr(3, rcc), [0x3304, 0x601d]],
    ['str.w r5, [r3, #4]!', ldr(3, rcc), [0xf843, 0x5f04]],
    ['movs r2, #4; str r5, [r3, r2]', ldr(3, rcc), [0x2204, 0x509d]],
    ['strd r2, r5, [r3]', ldr(3, rcc), [0xe9c3, 0x2500]],
    ['stmia r3!, {r2, r5}', ldr(3, rcc), [0xc324]],
    ['str r5, [r3, #0]', ldr(3, pllConfig), [0x601d]],
  ])('is found however the address is given: %s', (_name, base, code) => {
    expect(stored(base, ldr(5, setUp), ...code)).toEqual([setUp]);
  });

  it('survives a call in the registers that the procedure call standard keeps', () => {
    const call = [0xf7ff, 0xfffe]; // bl: itself
    const [toR4, callAway] = [ldr(4, rcc), [0xf001, 0xf800]]; // bl: 4 KiB away
    expect(stored(toR4, ldr(5, setUp), ...callAway, 0x6065)).toEqual([setUp]); // str r5, [r4, #4]
    expect(stored(toR4, ldr(2, setUp), ...callAway, 0x6062)).toEqual([null]); // str r2, [r4, #4]
    expect(stored(ldr(3, rcc), ldr(5, setUp), ...callAway, storeR5)).toEqual([]);
    expect(stored(toR4, ldr(5, setUp), ...call, 0x6065)).toEqual([]);
  });

  it('is returned for every store, in order', () => {
    const other = 0x67402d04;
    expect(stored(ldr(3, rcc), ldr(5, setUp), storeR5, ldr(5, other), storeR5)).toEqual([setUp, other]);
  });
});

describe('an unknown value', () => {
  it.each<[string, ThumbCode]>([
    ['was read from a register of the chip', [0x685d, storeR5]], // ldr r5, [r3, #4]
    ['was read from memory', [0xf8d7, 0x5000, storeR5]], // ldr.w r5, [r7]
    ['depends on such a one', [ldr(5, setUp), 0xf8d7, 0x2000, 0xea45, 0x1582, storeR5]], // orr.w r5, r5, r2, lsl #6
    ['was changed under a condition', [ldr(5, setUp), 0xbf18, 0x3501, storeR5]], // it ne; addne r5, #1
    ['is stored under a condition', [ldr(5, setUp), 0xbf18, storeR5]], // it ne; strne
    [
      'has a loop before it that changes it',
      [ldr(5, setUp), 0x6819, 0x3501, 0x0389, 0xd5fb, ldr(3, rcc), storeR5],
    ], // ldr; adds r5, #1; lsls; bpl
    [
      'has a loop before it with another in it',
      [ldr(5, setUp), 0x6819, 0x0389, 0xd5fc, 0x0389, 0xd5fa, ldr(3, rcc), storeR5],
    ],
    [
      'has a loop before it that is entered in the middle',
      [0xe001, ldr(5, setUp), 0x6819, 0x0389, 0xd5fc, ldr(3, rcc), storeR5],
    ],
    [
      'has a long loop before it',
      [ldr(5, setUp), ...Array<number>(9).fill(0x6819), 0x0389, 0xd5f4, ldr(3, rcc), storeR5],
    ],
    ['is only half a word', [ldr(5, setUp), 0x809d]], // strh r5, [r3, #4]
    ['is a byte of the word', [ldr(5, setUp), 0x71dd]], // strb r5, [r3, #7]
    ['stands behind code that is not decoded', [ldr(5, setUp), 0xee10, 0x2a10, ldr(3, rcc), storeR5]], // vmov r2, s0
    ['stands behind a jump', [ldr(5, setUp), 0xe7fe, ldr(3, rcc), storeR5]],
  ])('is null where it %s', (_name, code) => {
    const values = stored(ldr(3, rcc), ...code);
    expect(values).not.toContain(setUp);
    expect(values).toContain(null);
  });

  it('is not found at all if the address is unknown', () => {
    expect(stored(ldr(5, setUp), storeR5)).toEqual([]);
    expect(stored(ldr(5, setUp), ldr(3, rcc + 4), storeR5)).toEqual([]);
  });

  it('is at the end if more is stored than was read', () => {
    const code = Array.from({ length: 40 }, () => storeR5);
    const values = stored(ldr(3, rcc), ldr(5, setUp), ...code);
    expect(values.length).toBeLessThan(20);
    expect(values.at(-1)).toBeNull();
  });
});

describe('a branch into the code', () => {
  it('takes what was known with it, since other values may come along', () => {
    // cbz r0 over the load of r5: two values meet at the store.
    const code = [ldr(3, rcc), ldr(5, 0x67402d04), 0xb100, ldr(5, setUp), ldr(3, rcc), storeR5];
    expect(stored(...code)).toEqual([null]);
  });

  it('through a table is one to each of its entries', () => {
    // cmp r0, #1; bhi .; tbb [pc, r0]; table 1, 2; movs r5, #0; ldr r3; str
    const code = [0x2801, 0xd8fd, 0xe8df, 0xf000, 0x0201, ldr(5, setUp), ldr(3, rcc), storeR5];
    expect(stored(ldr(5, setUp), ...code)).toEqual([null]);
  });
});

describe('any bytes at all', () => {
  it('give a list, in a time that is bounded by their number', () => {
    const random = new Random(8_033_010);
    for (let run = 0; run < 100; run++) findStoredWords(halvesOf(randomWords(random, 512)), pllConfig);
  });

  it.each<[string, readonly number[]]>([
    ['table branches', [0xe8df, 0xf000]],
    ['table branches by halfwords', [0xe8df, 0xf010]],
    ['table branches that check an index', [0x28ff, 0xd800, 0xe8df, 0xf000]],
    ['loads of literals', [0x4b01]],
    ['branches', [0xd000]],
    ['IT', [0xbf01]],
    ['erased flash', [0xffff]],
  ])('give one where they are 512 KiB of %s', (_name, pattern) => {
    const halves = Uint16Array.from({ length: 1 << 18 }, (_, index) => pattern[index % pattern.length] ?? 0);
    expect(findStoredWords(halves, pllConfig).every((value) => value === null)).toBe(true);
  });
});

function randomWords(random: Random, count: number): Uint32Array {
  const bytes = random.bytes(count * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Uint32Array.from({ length: count }, (_, index) => view.getUint32(index * 4, true));
}
