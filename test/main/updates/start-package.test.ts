import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageTarget } from '../../../main/updates/package-kind.ts';
import { packageStarter } from '../../../main/updates/start-package.ts';
import { updateSourceOf } from '../../../main/updates/update-source.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-start-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the package that runs', () => {
  it.each([
    ['win32', {}, 'win32-arm64-nsis'],
    ['darwin', {}, 'darwin-arm64-dmg'],
    ['linux', { APPIMAGE: '/home/x/canopus.AppImage' }, 'linux-arm64-AppImage'],
    ['linux', {}, null],
    ['freebsd', {}, null],
  ] as const)('on %s with %j is %s', (platform, env, target) => {
    expect(packageTarget({ platform, arch: 'arm64', env, root: folder })).toBe(target);
  });

  it('is a deb if dpkg has its list, else an rpm if there is rpm', async () => {
    await mkdir(join(folder, 'usr/bin'), { recursive: true });
    await writeFile(join(folder, 'usr/bin/rpm'), '');
    const here = { platform: 'linux', arch: 'x64', env: {}, root: folder } as const;
    expect(packageTarget(here)).toBe('linux-x64-rpm');
    await mkdir(join(folder, 'var/lib/dpkg/info'), { recursive: true });
    await writeFile(join(folder, 'var/lib/dpkg/info/canopus.list'), '');
    expect(packageTarget(here)).toBe('linux-x64-deb');
  });
});

describe('starting a new version', () => {
  const launched: string[] = [];
  const opened: string[] = [];
  const starter = (target: string, env = {}): ReturnType<typeof packageStarter> =>
    packageStarter({
      ...{ target, env },
      openPath: (path) => Promise.resolve(opened.push(path) > 100 ? 'x' : ''),
      launch: (program, args) => Promise.resolve(void launched.push([program, ...args].join(' '))),
    });
  beforeEach(() => {
    launched.length = 0;
    opened.length = 0;
  });

  it('of an AppImage replaces its file by one that may be run, and starts that', async () => {
    const [own, next] = [join(folder, 'canopus.AppImage'), join(folder, 'next')];
    await writeFile(own, 'old');
    await writeFile(next, 'new', { mode: 0o600 });
    const { way, start } = starter('linux-x64-AppImage', { APPIMAGE: own });
    await start(next);
    expect(way).toBe('restart');
    expect(await readFile(own, 'utf8')).toBe('new');
    if (process.platform !== 'win32') expect((await stat(own)).mode & 0o777).toBe(0o755);
    expect(launched).toEqual([own]);
    expect((await readdir(folder)).sort()).toEqual(['canopus.AppImage', 'next']);
  });

  it('of an AppImage whose new file is gone leaves the old one', async () => {
    const own = join(folder, 'canopus.AppImage');
    await writeFile(own, 'old');
    const { start } = starter('linux-x64-AppImage', { APPIMAGE: own });
    await expect(start(join(folder, 'none'))).rejects.toMatchObject({
      code: expect.stringMatching(/^file\//) as unknown,
    });
    expect(await readdir(folder)).toEqual(['canopus.AppImage']);
    expect(launched).toEqual([]);
  });

  it('on Windows starts the installer', async () => {
    const { way, start } = starter('win32-x64-nsis');
    await start('C:\\new.exe');
    expect([way, launched]).toEqual(['restart', ['C:\\new.exe --updated --force-run']]);
  });

  it.each(['linux-x64-deb', 'linux-x64-rpm', 'darwin-arm64-dmg'])('as %s opens it', async (target) => {
    const { way, start } = starter(target);
    await start('/cache/new');
    expect([way, opened, launched]).toEqual(['open', ['/cache/new'], []]);
  });

  it('that the system cannot open is said', async () => {
    const { start } = packageStarter({
      target: 'darwin-x64-dmg',
      env: {},
      openPath: () => Promise.resolve('no'),
    });
    await expect(start('/cache/new')).rejects.toMatchObject({ code: 'update/not-for-this' });
  });
});

describe('where newer versions come from', () => {
  const key = 'ab'.repeat(32);

  it('is in package.json of a package, with the keys', () => {
    const source = updateSourceOf({ canopusUpdates: `https://example.org/canopus ${key}` });
    expect(source).toEqual({ url: new URL('https://example.org/canopus/'), keys: [key] });
    expect(updateSourceOf({ name: 'canopus' })).toBeNull();
  });

  it.each([`http://example.org ${key}`, 'https://example.org', 'https://example.org abc', `x ${key}`, ''])(
    'is never "%s"',
    (canopusUpdates) => {
      expect(() => updateSourceOf({ canopusUpdates })).toThrow();
    },
  );
});
