import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../app/transport/line-splitter.ts';
import { maxLineLength } from '../../../app/transport/shell.ts';

function split(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

describe('LineSplitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    const texts = fc.array(fc.constantFrom('a', 'é', '😀', '\r', '\n', '\r\n', ' ', 'warning: x'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(5)), (parts, cuts) => {
        const bytes = utf8(parts.join(''));
        const chunks: Uint8Array[] = [];
        let from = 0;
        for (const cut of cuts) {
          chunks.push(bytes.subarray(from, from + cut));
          from += cut;
        }
        chunks.push(bytes.subarray(from));
        const wanted = parts.join('').split('\n');
        if (wanted.at(-1) === '') wanted.pop();
        expect(split(chunks)).toEqual(wanted.map((line) => line.replace(/\r$/, '')));
      }),
    );
  });

  it('keeps the longest line whole and cuts one that is longer', () => {
    const longest = 'x'.repeat(maxLineLength);
    expect(split([utf8(`${longest}\r\n${longest}y\nz`)])).toEqual([longest, longest, 'z']);
  });

  it('turns bytes that are no UTF-8 into replacement characters', () => {
    expect(split([Uint8Array.of(0x61, 0xff, 0x0a)])).toEqual(['a\ufffd']);
  });
});
