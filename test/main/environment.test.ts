import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('is the same for every test, on every computer (test/environment.mjs)', () => {
  expect(Object.keys(process.env).filter((name) => /^(SSH_|LC_|LANG|XDG_CONFIG)/.test(name))).toEqual([]);
  expect(Intl.DateTimeFormat().resolvedOptions()).toMatchObject({ locale: 'en-US', timeZone: 'UTC' });
  expect((1234.5).toLocaleString()).toBe('1,234.5');
  expect(homedir()).toMatch(/test-home$/);
  expect(existsSync(join(homedir(), '.ssh'))).toBe(false);
  const settings = execFileSync('git', ['config', '--list', '--name-only'], {
    cwd: tmpdir(),
    encoding: 'utf8',
  });
  expect(settings).toBe('');
});

it.skipIf(process.platform === 'win32')('lets others read the files that a test makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'canopus-umask-'));
  try {
    writeFileSync(join(folder, 'file'), '');
    expect(statSync(join(folder, 'file')).mode & 0o777).toBe(0o644);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
