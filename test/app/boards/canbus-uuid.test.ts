import { describe, expect, it } from 'vitest';
import { canbusUuid } from '../../../app/boards/canbus-uuid.ts';
import { isCanopusError } from '../../../app/errors.ts';

describe('canbusUuid', () => {
  it.each([
    ['430014000A50534E4E313120', '6beb0175188a'],
    ['39001B000C51313339373836', '44db3d634885'],
    ['37001A001851303439363932', 'a396d68a95a3'],
  ])('predicts the published pair of %s', (uid, uuid) => {
    expect(canbusUuid(uid)).toBe(uuid);
  });

  it('takes lower-case digits for the same chip', () => {
    expect(canbusUuid('430014000a50534e4e313120')).toBe('6beb0175188a');
  });

  it('is computed from the eight bytes of an RP2040, too', () => {
    // By a program compiled with Klipper's lib/fast-hash (MIT) for the length of these ids.
    expect(canbusUuid('E6614103E7452D2F')).toBe('fcf7a6093298');
    expect(canbusUuid('0000000000000000')).toBe('1a410441aa1c');
  });

  it('keeps leading zeros: always 12 digits', () => {
    const lengths = Array.from(
      { length: 600 },
      (_, n) => canbusUuid(n.toString(16).padStart(24, '0')).length,
    );
    expect(new Set(lengths)).toEqual(new Set([12]));
  });

  it.each([
    '',
    '430014000A50534E4E31312',
    '430014000A50534E4E3131200',
    '430014000A50534E4E31312G',
    ' 30014000A50534E4E313120',
  ])('refuses "%s" as no UID', (text) => {
    const refusal = (): string => canbusUuid(text);
    expect(refusal).toThrow();
    try {
      refusal();
    } catch (error) {
      expect(isCanopusError(error, 'uid/invalid')).toBe(true);
    }
  });
});
