import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffBlocks, diffCounts, diffRows, type DiffSide } from '../../../app/pi/diff-rows.ts';

const textOf = (side: DiffSide | null): string | null => side && side.parts.map(({ text }) => text).join('');

describe('a difference side by side', () => {
  it('puts a changed line beside what it was and marks what differs', () => {
    const [row] = diffRows('bitrate 500000\n', 'bitrate 1000000\n');
    expect(row?.old).toEqual({
      number: 1,
      parts: [
        { text: 'bitrate ', isChanged: false },
        { text: '500000', isChanged: true },
      ],
    });
    expect(row?.fresh?.parts.at(-1)).toEqual({ text: '1000000', isChanged: true });
  });

  it('marks whole lines that have little in common', () => {
    const [row] = diffRows('serial: /dev/x\n', 'canbus_uuid: 6beb0175188a\n');
    expect(row?.old?.parts).toEqual([{ text: 'serial: /dev/x', isChanged: true }]);
  });

  it('shows a new file with nothing beside it, and a removed one the other way round', () => {
    expect(diffRows(null, 'a\nb\n').map(({ old, fresh }) => [textOf(old), textOf(fresh)])).toEqual([
      [null, 'a'],
      [null, 'b'],
    ]);
    expect(diffCounts(diffRows('a\nb\n', null))).toEqual({ removed: 2, added: 0 });
  });

  it('takes line ends of both kinds for the same', () => {
    expect(diffRows('a\r\nb\r\n', 'a\nb\n').every(({ isSame }) => isSame)).toBe(true);
  });

  it('keeps three lines around a difference and folds the rest', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    const after = lines.map((line) => (line === 'line 10' ? 'changed' : line));
    const blocks = diffBlocks(diffRows(lines.join('\n'), after.join('\n')));
    expect(blocks.map(({ isFar, rows }) => [isFar, rows.length])).toEqual([
      [true, 7],
      [false, 7],
      [true, 6],
    ]);
  });

  it('loses no line of either side and counts them right', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '', 'serial: x'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (old, fresh) => {
        const rows = diffRows(
          old.map((line) => `${line}\n`).join(''),
          fresh.map((line) => `${line}\n`).join(''),
        );
        const left = rows.flatMap((row) => row.old ?? []);
        const right = rows.flatMap((row) => row.fresh ?? []);
        expect(left.map(textOf)).toEqual(old);
        expect(right.map(textOf)).toEqual(fresh);
        expect(left.map(({ number }) => number)).toEqual(old.map((_, index) => index + 1));
        expect(diffBlocks(rows).flatMap((block) => block.rows)).toEqual(rows);
      }),
    );
  });
});
