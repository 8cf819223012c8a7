import { describe, expect, it } from 'vitest';
import { anonymousText } from '../../../app/support/anonymous.ts';

const names = {
  people: ['Ada Lovelace', 'adal'],
  computers: ['ada-laptop', 'voron-upstairs.local', 'farm.example.org'],
  homes: ['/home/adal', 'C:\\Users\\adal'],
};

describe('a text for support', () => {
  it.each([
    'flashed by Ada Lovelace on ada-laptop',
    'ADAL opened /home/adal/.local/share/canopus/canopus.log',
    JSON.stringify({ path: 'C:\\Users\\adal\\AppData', operator: 'Ada Lovelace' }),
    'pi@voron-upstairs.local refused adal@10.11.12.13:22',
    'reached farm.example.org and biene@hive.example.org',
    'fe80::a1b2:c3d4:e5f6:1 and de:ad:be:ef:00:01 and 192.168.178.44',
    'other-printer.local and /home/someone/klipper and /Users/grace/x',
    'password=canary1 token: canary2 Bearer canary3canary3 http://u:canary4@host/',
    '-----BEGIN OPENSSH PRIVATE KEY-----\ncanary5\n-----END OPENSSH PRIVATE KEY-----',
    'http://127.0.0.1:18480/enter/canary6',
  ])('has no name, address or secret: %s', (text) => {
    const clean = anonymousText(names)(text);
    for (const gone of [
      ...[
        'ada',
        'lovelace',
        'voron-upstairs',
        'example.org',
        'hive',
        'biene',
        '10.11.12.13',
        'a1b2',
        'de:ad',
      ],
      ...['192.168', 'other-printer', 'someone', 'grace', 'canary'],
    ]) {
      expect(clean.toLowerCase()).not.toContain(gone);
    }
  });

  it('calls one name the same in all texts, and keeps what finds the fault', () => {
    const clean = anonymousText(names);
    expect(clean('ada-laptop lost pi@voron-upstairs.local')).toBe('[computer 2] lost pi@[computer 1]');
    const facts =
      'at 2026-12-01T05:12:13.004Z usb:1-4.2 of stm32f446xx, uid 430014000A50534E4E313120, canbus_uuid 6beb0175188a, v0.13.0-730-gcafe: dfu/stalled at 0x08008000, took 12:34:56';
    expect(clean(facts)).toBe(facts);
    expect(clean('Ada-Laptop again, and 127.0.0.1')).toBe('[computer 2] again, and 127.0.0.1');
  });
});
