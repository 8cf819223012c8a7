import { describe, expect, it } from 'vitest';
import { boardCodeText, parseBoardCode } from '../../../app/history/board-code.ts';
import { codeOf } from '../../error-code.ts';

const uid = '430014000A50534E4E313120';
const canbusUuid = '6beb0175188a';

describe('parseBoardCode', () => {
  it.each([
    uid,
    uid.toLowerCase(),
    ` ${uid}\r\n`,
    '4300 1400 0A50 534E 4E31 3120',
    boardCodeText({ uid, canbusUuid }),
    boardCodeText({ uid, canbusUuid }).toUpperCase(),
  ])('reads %j as the chip', (text) => {
    expect(parseBoardCode(text)).toEqual({ uid, canbusUuid });
  });

  it.each([
    canbusUuid,
    canbusUuid.toUpperCase(),
    `canbus_uuid: ${canbusUuid}`,
    `canopus:1?uuid=${canbusUuid}`,
  ])('reads %j as the UUID', (text) => {
    expect(parseBoardCode(text)).toEqual({ uid: null, canbusUuid });
  });

  it('reads the chip off the label of a board whose firmware has a fixed UUID', () => {
    expect(parseBoardCode(boardCodeText({ uid, canbusUuid: 'cafecafecafe' }))).toEqual({ uid, canbusUuid });
  });

  it.each([
    '',
    'hello',
    uid.slice(1),
    `${uid}0`,
    'canopus:1?',
    `canopus:1?uuid=000000000000&uid=${uid}`,
    `canopus:2?uid=${uid}`,
    'https://example.org/?uid=1',
  ])('refuses %j', (text) => {
    expect(codeOf(() => parseBoardCode(text))).toBe('uid/invalid');
  });
});
