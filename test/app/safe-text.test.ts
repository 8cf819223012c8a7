import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeJson, safeLines, safeText } from '../../app/safe-text.ts';
import { cases } from '../counts.ts';

/** What terminals obey, or what changes the order of what is read. */
const obeyed = /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/;

describe('text from elsewhere', () => {
  it.each([
    ['\x1b]0;PWNED\x07', '\\x1b]0;PWNED\\x07'],
    ['\x1b[2J\x1b[31mYour account is locked', '\\x1b[2J\\x1b[31mYour account is locked'],
    ['a\rb\nc\td', 'a\\x0db\\x0ac\\x09d'],
    ['\u009b31m', '\\x9b31m'],
    ['evil\u202egnp.exe', 'evil\\u{202e}gnp.exe'],
    ['\ud800 half', '\\u{d800} half'],
    ['\u{e0041}tag', '\\u{e0041}tag'],
  ])('%j is shown as %s', (text, shown) => {
    expect(safeText(text)).toBe(shown);
  });

  it.each(['Voron 2.4, größer als 3 µm', 'プリンター', '👩‍🔧 and नमस्ते', 'C:\\Users\\x', ''])(
    '%s stays',
    (text) => {
      expect(safeText(text)).toBe(text);
      expect(safeLines(text)).toBe(text);
    },
  );

  it('keeps lines where there are lines', () => {
    expect(safeLines('a\r\n\tb\n\x1b[2Kc\rd')).toBe('a\n\tb\n\\x1b[2Kc\\x0dd');
  });

  it('is cut where a length is asked for', () => {
    expect(safeText('x'.repeat(500), 10)).toBe(`${'x'.repeat(9)}…`);
  });

  it('never leaves anything that a terminal obeys, and means the same as JSON', () => {
    const units = fc.oneof(
      fc.integer({ min: 0, max: 0x2fff }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0xd800, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('\x1b', '\u009b', '\u202e', '\u{e0041}'),
    );
    fc.assert(
      fc.property(fc.array(units), (list) => {
        const text = list.join('');
        expect(safeText(text)).not.toMatch(obeyed);
        expect(safeLines(text).replace(/[\n\t]/g, '')).not.toMatch(obeyed);
        const json = safeJson({ [text]: text });
        expect(json).not.toMatch(obeyed);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [text]: text })));
      }),
      { numRuns: cases(100_000) },
    );
  });
});
