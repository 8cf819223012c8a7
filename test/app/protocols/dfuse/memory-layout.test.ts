import { describe, expect, it } from 'vitest';
import type { MemoryLayout } from '../../../../app/protocols/dfuse/memory-layout.ts';
import { parseMemoryLayout } from '../../../../app/protocols/dfuse/memory-layout.ts';
import { rangeAround, sectorAt, sectorsCovering } from '../../../../app/protocols/dfuse/sectors.ts';
import { fromText, mutations, toText } from './mutate.ts';
import { cases } from '../../../counts.ts';

const f446 = '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg';
const f429 = '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg';
const optionBytes = '@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e';

function parse(text: string): MemoryLayout {
  const layout = parseMemoryLayout(text);
  if (!layout) throw new Error(`cannot be read: ${text}`);
  return layout;
}

/** `count x size at address attributes`, one per segment. */
function describeSegments(text: string): string[] {
  return parse(text).segments.map((segment) => {
    const { startAddress, sectorCount, sectorSize, readable, erasable, writable } = segment;
    const attributes = (readable ? 'r' : '') + (erasable ? 'e' : '') + (writable ? 'w' : '');
    return `${sectorCount} x ${sectorSize} at ${startAddress.toString(16)} ${attributes}`;
  });
}

describe('a memory layout', () => {
  it('of the F446', () => {
    expect(describeSegments(f446)).toEqual([
      '4 x 16384 at 8000000 rew',
      '1 x 65536 at 8010000 rew',
      '3 x 131072 at 8020000 rew',
    ]);
    expect(parse(f446)).toMatchObject({ name: 'Internal Flash', complete: true });
  });

  it('of the F429 is two banks that hang together', () => {
    const layout = parse(f429);
    expect(layout.segments).toHaveLength(6);
    expect(rangeAround(layout, 0x08000000)).toEqual({ startAddress: 0x08000000, size: 2 * 1024 * 1024 });
  });

  it('has more than one range', () => {
    expect(describeSegments(optionBytes)).toEqual(['1 x 16 at 1fffc000 rw', '1 x 16 at 1ffec000 rw']);
    expect(parse(optionBytes).name).toBe('Option Bytes');
  });

  it('knows bytes, kilobytes and megabytes, with any number of digits', () => {
    expect(describeSegments('@OTP Memory /0x1FFF7800/01*512 e,01*016 e')).toEqual([
      '1 x 512 at 1fff7800 rw',
      '1 x 16 at 1fff7a00 rw',
    ]);
    expect(describeSegments('@X/0x0/2*1Ma,3*04Bd')).toEqual(['2 x 1048576 at 0 r', '3 x 4 at 200000 w']);
    expect(describeSegments('@Internal Flash  /0x08000000/0256*0002Kg')).toEqual([
      '256 x 2048 at 8000000 rew',
    ]);
  });

  it('knows every attribute letter', () => {
    const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    expect(letters.map((letter) => describeSegments(`@X/0x10/01*01K${letter}`)[0]?.slice(14))).toEqual([
      ' r',
      ' e',
      ' re',
      ' w',
      ' rw',
      ' ew',
      ' rew',
    ]);
  });

  it('counts as far as it can be read, and says that it is not complete', () => {
    const cuts: Record<string, number> = {
      '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*12': 2,
      '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128K': 2,
      '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,': 2,
      '@Internal Flash  /0x08000000/04*016Kg\u0b00\uffff': 1,
      '@Internal Flash  /0x08000000/04*016Kg/0x1FFF': 1,
      '@Internal Flash  /0x08000000/04*016Kg,01*064Kh': 1,
      '@Internal Flash  /0x08000000/04*016Kg,99999*99999Mg': 1,
    };
    for (const [text, segments] of Object.entries(cuts)) {
      expect(parse(text)).toMatchObject({ complete: false });
      expect(parse(text).segments).toHaveLength(segments);
    }
  });

  it('is nothing where not even one run of sectors can be read', () => {
    const texts = [
      '',
      '@',
      '@Flash',
      'Internal Flash  /0x08000000/04*016Kg',
      '@X/08000000/1*1Kg',
      '@X/0x8/0*1Kg',
    ];
    for (const text of texts) expect(parseMemoryLayout(text)).toBe(null);
  });

  it('is read or refused in random and damaged texts, and its sectors can be walked', () => {
    let read = 0;
    let outOfBounds = 0;
    for (const bytes of mutations([f446, f429, optionBytes].map(fromText), 4)) {
      const layout = parseMemoryLayout(toText(bytes));
      if (!layout) continue;
      read++;
      const ends = layout.segments.map(
        (segment) => segment.sectorCount * segment.sectorSize + segment.startAddress,
      );
      const sectors = sectorsCovering(layout, 0x08000000, 40_000) ?? [];
      const size = rangeAround(layout, 0x08004000)?.size ?? 0;
      if (Math.max(...ends, size) > 2 ** 32 || sectors.length > 4096) outOfBounds++;
    }
    expect(outOfBounds).toBe(0);
    expect(read).toBeGreaterThan(cases(10_000));
  });
});

describe('sectors', () => {
  it('hold addresses from their first to their last byte', () => {
    const layout = parse(f446);
    expect(sectorAt(layout, 0x08000000)).toEqual({ address: 0x08000000, size: 0x4000 });
    expect(sectorAt(layout, 0x08003fff)).toEqual({ address: 0x08000000, size: 0x4000 });
    expect(sectorAt(layout, 0x08008000)).toEqual({ address: 0x08008000, size: 0x4000 });
    expect(sectorAt(layout, 0x0801ffff)).toEqual({ address: 0x08010000, size: 0x10000 });
    expect(sectorAt(layout, 0x0807ffff)).toEqual({ address: 0x08060000, size: 0x20000 });
    expect(sectorAt(layout, 0x08080000)).toBe(null);
    expect(sectorAt(layout, 0x07ffffff)).toBe(null);
  });

  it('cover a stretch, across sizes, and no more', () => {
    const layout = parse(f446);
    const addresses = (length: number, from = 0x08000000) =>
      sectorsCovering(layout, from, length)?.map(({ address }) => address.toString(16));
    expect(addresses(1)).toEqual(['8000000']);
    expect(addresses(0x4000)).toEqual(['8000000']);
    expect(addresses(0x4001)).toEqual(['8000000', '8004000']);
    expect(addresses(0x10000, 0x0800ffff)).toEqual(['800c000', '8010000']);
    expect(addresses(512 * 1024)).toHaveLength(8);
    expect(addresses(512 * 1024 + 1)).toBe(undefined);
    expect(addresses(0)).toEqual([]);
  });

  it('are not listed without end for a layout of garbage', () => {
    const layout = parse('@X/0x0/99999*1 g');
    expect(sectorsCovering(layout, 0, 99_000)).toBe(null);
  });
});
