import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chipNames, judgeChips, type ChipClues } from '../../../app/boards/chip-identity.ts';

const a = '430014000A50534E4E313120';
const b = '37001A001851303439363932';
/** What the ROM of an F407 with UID `a` shows. */
const serialOfA = '204531914e53';
const constant = 'STM32FxSTM32';
const clues = (uid: string | null, dfuSerial: string | null = null): ChipClues => ({ uid, dfuSerial });

describe('the names of a chip', () => {
  it('are both there or neither', () => {
    expect(chipNames(a)).toEqual({ uid: a, canbusUuid: '6beb0175188a' });
    expect(chipNames(null)).toEqual({ uid: null, canbusUuid: null });
  });
});

describe('whether two sights are of one chip', () => {
  it.each([
    [clues(a), clues(a), 'same'],
    [clues(a), clues(b), 'other'],
    [clues(a), clues(null), null],
    [clues(a), clues(null, constant), null],
    [clues(null, constant), clues(null, constant), null],
    [clues(null, constant), clues(null, serialOfA), 'other'],
    [clues(a), clues(null, serialOfA), 'fits'],
    [clues(b), clues(null, serialOfA), 'other'],
    [clues(a), clues(null, 'FFFFFFFEFFFF'), null],
    [clues(a), clues(null, '200364500000'), null],
    [clues(null, 'FFFFFFFEFFFF'), clues(null, 'FFFFFFFEFFFF'), null],
    [clues(a, serialOfA), clues(a), 'same'],
    [clues(null), clues(null), null],
  ])('%j and %j: %s', (one, other, verdict) => {
    expect(judgeChips(one, other)).toBe(verdict);
  });

  it('is judged alike from both sides', () => {
    const anyClues = fc.record({
      uid: fc.constantFrom(null, a, b),
      dfuSerial: fc.constantFrom(null, constant, serialOfA, '000000000000'),
    });
    fc.assert(
      fc.property(anyClues, anyClues, (one, other) => {
        expect(judgeChips(one, other)).toBe(judgeChips(other, one));
      }),
    );
  });
});
