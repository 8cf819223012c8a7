import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFirmwareSource, isGitRef, parseFirmwareSource } from '../../../app/build/firmware-source.ts';
import { codeOf } from '../../error-code.ts';
import { cases } from '../../counts.ts';

describe('a firmware source', () => {
  it.each([
    ['/home/pi/klipper', { type: 'folder', path: '/home/pi/klipper' }],
    ['klipper', { type: 'folder', path: 'klipper' }],
    ['C:\\klipper', { type: 'folder', path: 'C:\\klipper' }],
    ['./a@b', { type: 'folder', path: './a@b' }],
    ['pi:pi@voron.local:2222', { type: 'pi', host: 'pi@voron.local:2222' }],
    [
      'https://github.com/Klipper3d/klipper@v0.13.0',
      { type: 'git', url: 'https://github.com/Klipper3d/klipper', ref: 'v0.13.0' },
    ],
    [
      'git@github.com:Arksine/katapult.git@master',
      { type: 'git', url: 'git@github.com:Arksine/katapult.git', ref: 'master' },
    ],
    ['ssh://me@host:22/k.git@feature/x', { type: 'git', url: 'ssh://me@host:22/k.git', ref: 'feature/x' }],
    ['file:///srv/k.git@84104bb', { type: 'git', url: 'file:///srv/k.git', ref: '84104bb' }],
  ])('%s', (text, source) => {
    expect(parseFirmwareSource(text)).toEqual(source);
    expect(formatFirmwareSource(parseFirmwareSource(text))).toBe(text);
  });

  it.each([
    ['nothing', ''],
    ['a Pi without a name', 'pi:'],
    ['a URL without a ref', 'https://github.com/Klipper3d/klipper'],
    ['a URL with an empty ref', 'https://github.com/Klipper3d/klipper@'],
    ['a URL with a user and no ref', 'git@github.com:Arksine/katapult.git'],
    ['a transport that runs commands', 'ext::sh -c id@master'],
    ['a scheme that git is not asked for', 'ftp://host/k@master'],
    ['a ref that is an option', 'https://host/k@--upload-pack=id'],
    ['a range', 'https://host/k@a..b'],
  ])('%s is refused', (_what, text) => {
    expect(codeOf(() => parseFirmwareSource(text))).toBe('source/invalid');
  });

  it('never stumbles over any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['no error', 'source/invalid']).toContain(codeOf(() => parseFirmwareSource(text)));
      }),
      { numRuns: cases(2_000) },
    );
  });

  it('has refs as git allows them, without what means something else to git', () => {
    for (const ref of ['master', 'v0.13.0-1-g84104bb', 'a/b', '_x']) expect(isGitRef(ref)).toBe(true);
    for (const ref of ['-x', 'a b', 'a~1', 'a^', 'a:b', 'a@{1}', 'a\\b', '.a', 'a/.b', 'a.lock', 'a/', '']) {
      expect(isGitRef(ref)).toBe(false);
    }
  });
});
