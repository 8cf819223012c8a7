import { expect, it } from 'vitest';
import * as format from '../../../renderer/ui/format.ts';

it('writes figures as the field does', () => {
  expect([0, 1023, 1024, 47_309, 512 * 1024, 3 * 2 ** 20].map(format.formatBytes)).toEqual([
    ...['0 B', '1023 B', '1.0 KiB', '46.2 KiB', '512 KiB', '3.00 MiB'],
  ]);
  expect([-5, 7_001, 99_000, 125_000].map(format.formatDuration)).toEqual([
    '0 s',
    '8 s',
    '99 s',
    '2 min 5 s',
  ]);
  expect(format.formatAddress(0x08008000)).toBe('0x08008000');
  expect(format.formatMegahertz(12_000_000)).toBe('12 MHz');
  expect(format.formatUsbIds(0x483, 0xdf11)).toBe('0483:df11');
  expect(format.formatMcu('stm32f446xx')).toBe('STM32F446');
});

it('says how long ago something was', () => {
  const at = '2026-01-01T12:00:00.000Z';
  const later = (seconds: number): string => format.formatAgo(at, Date.parse(at) + seconds * 1000);
  expect(later(30)).toBe('just now');
  expect(later(60)).toBe('a minute ago');
  expect(later(59 * 60)).toBe('59 minutes ago');
  expect(later(7200)).toMatch(/^at /);
});
