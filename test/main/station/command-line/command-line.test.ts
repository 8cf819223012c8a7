import { execFile } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CommandLine,
  isOnDiskImage,
  type CommandLinePlace,
} from '../../../../main/station/command-line/command-line.ts';

let folder: string;
let home: string;
let packageFolder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-command-'));
  home = join(folder, 'home');
  packageFolder = join(folder, 'mount', 'resources');
  await mkdir(home);
  await pack(packageFolder, '1');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A package whose command line prints what it can read beside itself. */
async function pack(where: string, version: string): Promise<void> {
  await mkdir(join(where, 'bin'), { recursive: true });
  await mkdir(join(where, 'app.asar.unpacked', 'node_modules'), { recursive: true });
  await mkdir(join(where, 'resources', 'boards'), { recursive: true });
  await writeFile(join(where, 'resources', 'boards', 'octopus.json'), version);
  await writeFile(
    join(where, 'bin', 'canopus'),
    '#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/../resources/boards/octopus.json"\n',
  );
  await chmod(join(where, 'bin', 'canopus'), 0o755);
}

const place = (change: Partial<CommandLinePlace> = {}): CommandLinePlace => ({
  platform: 'linux',
  env: { APPIMAGE: '/home/u/Canopus.AppImage', PATH: '/usr/bin' },
  home,
  packageFolder,
  dataFolder: join(folder, 'data'),
  version: '1.0.0',
  ...change,
});
const link = (): string => join(home, '.local', 'bin', 'canopus');
const runs = async (file: string): Promise<string> => (await promisify(execFile)(file)).stdout;

describe('the command line of an AppImage', () => {
  it('runs after the AppImage has ended, and is removed without a trace', async () => {
    const commandLine = new CommandLine(place());
    expect(await commandLine.view()).toEqual({
      state: 'offered',
      file: link(),
      isOnPath: false,
      command: null,
    });
    expect(await commandLine.install()).toMatchObject({ state: 'installed' });
    await rm(packageFolder, { recursive: true });
    expect(await runs(link())).toBe('1');
    await pack(packageFolder, '1');
    expect(await commandLine.remove()).toMatchObject({ state: 'offered' });
    expect(await readdir(join(home, '.local', 'bin'))).toEqual([]);
    expect(await readdir(join(folder, 'data'))).toEqual([]);
  });

  it('of an earlier version is named, and replaced as a whole', async () => {
    await new CommandLine(place()).install();
    await pack(packageFolder, '2');
    const next = new CommandLine(place({ version: '2.0.0' }));
    expect(await next.view()).toMatchObject({ state: 'older' });
    expect(await next.install()).toMatchObject({ state: 'installed' });
    expect(await runs(link())).toBe('2');
    expect(await readdir(join(folder, 'data'))).toEqual(['command-line']);
  });

  it('knows that the folder is on the PATH', async () => {
    const PATH = `/usr/bin:${join(home, '.local', 'bin')}`;
    const commandLine = new CommandLine(place({ env: { APPIMAGE: '/a', PATH } }));
    expect(await commandLine.install()).toMatchObject({ state: 'installed', isOnPath: true });
  });

  it.each(['file', 'link'] as const)('leaves a %s of others alone', async (kind) => {
    await mkdir(join(home, '.local', 'bin'), { recursive: true });
    await writeFile(join(folder, 'theirs'), 'theirs');
    if (kind === 'file') await cp(join(folder, 'theirs'), link());
    else await symlink(join(folder, 'theirs'), link());
    const commandLine = new CommandLine(place());
    for (const view of [await commandLine.view(), await commandLine.install(), await commandLine.remove()]) {
      expect(view).toMatchObject({ state: 'taken' });
    }
    expect(await readFile(link(), 'utf8')).toBe('theirs');
  });

  it('replaces a link that leads nowhere', async () => {
    await mkdir(join(home, '.local', 'bin'), { recursive: true });
    await symlink(join(folder, 'gone'), link());
    expect(await new CommandLine(place()).install()).toMatchObject({ state: 'installed' });
    expect(await runs(link())).toBe('1');
  });

  it('that cannot be copied leaves the earlier one as it was', async () => {
    await new CommandLine(place()).install();
    await rm(join(packageFolder, 'resources'), { recursive: true });
    const next = new CommandLine(place({ version: '2.0.0' }));
    await expect(next.install()).rejects.toMatchObject({ code: 'file/missing' });
    expect(await runs(link())).toBe('1');
    expect(await readdir(join(folder, 'data'))).toEqual(['command-line']);
  });
});

describe('the command line on macOS', () => {
  const mac = (change: Partial<CommandLinePlace> = {}): CommandLine =>
    new CommandLine(
      place({ platform: 'darwin', env: {}, macFolder: join(folder, 'local', 'bin'), ...change }),
    );

  it('is linked where its folder can be written', async () => {
    await mkdir(join(folder, 'local', 'bin'), { recursive: true });
    expect(await mac().install()).toMatchObject({ state: 'installed', command: null });
    const file = join(folder, 'local', 'bin', 'canopus');
    expect(await readlink(file)).toBe(join(packageFolder, 'bin', 'canopus'));
    expect(await mac().remove()).toMatchObject({ state: 'offered' });
  });

  it('needs an administrator elsewhere, whose command does it', async () => {
    const { command, state } = await mac().install();
    expect(state).toBe('offered');
    await promisify(execFile)('sh', ['-c', (command ?? '').replaceAll('sudo ', '')]);
    expect(await mac().view()).toMatchObject({ state: 'installed' });
  });

  it('is not linked to a program that macOS started from a place that goes away', async () => {
    const inside = join(folder, 'private/var/folders/x/AppTranslocation/y/d/Canopus.app/Contents/Resources');
    await pack(inside, '1');
    expect(await mac({ packageFolder: inside }).install()).toMatchObject({ state: 'move-first' });
    expect(isOnDiskImage('/Volumes/Canopus/Canopus.app/Contents/Resources/bin/canopus')).toBe(true);
    expect(isOnDiskImage('/Applications/Canopus.app/Contents/Resources/bin/canopus')).toBe(false);
  });
});

describe('nothing is offered', () => {
  it.each([
    ['to a checkout', { packageFolder: null }],
    ['by a package that installs it', { env: { PATH: '/usr/bin' } }],
    ['on Windows, whose installer does it', { platform: 'win32' as const }],
    ['where the package has no command line', { packageFolder: '/nowhere' }],
  ])('%s', async (_, change) => {
    const commandLine = new CommandLine(place(change));
    expect(await commandLine.install()).toEqual({
      state: 'none',
      file: null,
      isOnPath: false,
      command: null,
    });
  });
});
