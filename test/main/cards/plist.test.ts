import { describe, expect, it } from 'vitest';
import { parsePlist } from '../../../main/cards/plist.ts';
import { Random } from '../../fixtures/random.ts';
import { diskInfo, diskList } from './mac-disks.ts';

const wrap = (content: string): string => `<?xml version="1.0"?><plist version="1.0">${content}</plist>`;

describe('a property list', () => {
  it.each([
    ['<string>A &amp; B &lt;1&gt;</string>', 'A & B <1>'],
    ['<string/>', ''],
    ['<string></string>', ''],
    ['<integer>31914983424</integer>', 31914983424],
    ['<true/>', true],
    ['<array/>', []],
    ['<dict><key>a</key><array><false/><string>x</string></array></dict>', { a: [false, 'x'] }],
  ])('reads %s', (content, value) => {
    expect(parsePlist(wrap(content))).toEqual(value);
  });

  it.each([
    '',
    '<plist>',
    wrap('<dict><key>a</key></dict>'),
    wrap('<dict><string>a</string><true/></dict>'),
    wrap('<array><true/>'),
    wrap('<array>'.repeat(40) + '</array>'.repeat(40)),
  ])('refuses %s', (xml) => {
    expect(parsePlist(xml)).toBeNull();
  });

  it('reads a key that names a property of every object as any other', () => {
    const value = parsePlist(wrap('<dict><key>__proto__</key><dict><key>x</key><true/></dict></dict>'));
    expect(Object.hasOwn(value as object, '__proto__')).toBe(true);
    expect((value as { x?: unknown }).x).toBeUndefined();
  });

  it('is read or refused, whatever became of it', () => {
    const random = new Random(13);
    const texts = [diskList, ...Object.values(diskInfo)].map((text) => new TextEncoder().encode(text));
    let refused = 0;
    const rounds = 10_000;
    for (let round = 0; round < rounds; round += 1) {
      const changed = new TextDecoder('latin1').decode(random.mutate(random.pick(texts)));
      if (parsePlist(changed) === null) refused += 1;
    }
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(rounds);
  });
});
