import { expect, it } from 'vitest';
import { backupSeconds } from '../../../app/backups/backup-time.ts';

it('estimates seconds from the size of flash: at the speed of the ROM, or of the last backup here', () => {
  expect([512, 1024, 2048].map((kib) => backupSeconds(kib * 1024, null))).toEqual([3, 6, 11]);
  const slow = { flashBytes: 512 * 1024, durationMs: 20_000 };
  expect([512, 1024].map((kib) => backupSeconds(kib * 1024, slow))).toEqual([20, 40]);
  expect(backupSeconds(512 * 1024, { flashBytes: 512 * 1024, durationMs: 0 })).toBe(3);
  expect(backupSeconds(1, null)).toBe(1);
});
