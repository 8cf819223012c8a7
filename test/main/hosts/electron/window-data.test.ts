import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { windowDataFolder } from '../../../../main/hosts/electron/window-data.ts';

let support: string;
let options: { platform: NodeJS.Platform; userData: string; dataFolder: string };
beforeEach(async () => {
  support = await mkdtemp(join(tmpdir(), 'canopus-support-'));
  options = {
    platform: 'darwin',
    userData: join(support, 'Canopus'),
    dataFolder: join(support, 'canopus'),
  };
});
afterEach(() => rm(support, { recursive: true, force: true }));

/** A disk on which both names are one folder, with files of a station and of Chromium in it. */
async function oneFolder(): Promise<void> {
  await mkdir(options.dataFolder);
  await symlink('canopus', options.userData);
  for (const name of ['settings.json', 'history.sqlite', 'Preferences']) {
    await writeFile(join(options.dataFolder, name), name);
  }
  await mkdir(join(options.dataFolder, 'Local Storage'));
  await writeFile(join(options.dataFolder, 'Local Storage', 'leveldb'), 'theme');
}

describe("Chromium's files on macOS", () => {
  it("move out of the station's folder once, and nothing of the station moves or is lost", async () => {
    await oneFolder();
    const folder = windowDataFolder(options) ?? '';
    expect(await readdir(folder)).toEqual(['Local Storage', 'Preferences']);
    expect(await readFile(join(folder, 'Local Storage', 'leveldb'), 'utf8')).toBe('theme');
    expect(await readdir(options.dataFolder)).toEqual(['history.sqlite', 'settings.json']);
    // A later file of that name is the station's.
    await writeFile(join(options.dataFolder, 'Preferences'), 'of the station');
    expect(windowDataFolder(options)).toBe(folder);
    expect(await readFile(join(folder, 'Preferences'), 'utf8')).toBe('Preferences');
  });

  it('move on where an earlier start was cut off', async () => {
    await oneFolder();
    await mkdir(join(support, 'Canopus Window.new'));
    await writeFile(join(support, 'Canopus Window.new', 'Cookies'), 'moved before');
    const folder = windowDataFolder(options) ?? '';
    expect(await readdir(folder)).toEqual(['Cookies', 'Local Storage', 'Preferences']);
  });

  it('get a folder of their own at the first start, before there is any', async () => {
    expect(windowDataFolder(options)).toBe(join(support, 'Canopus Window'));
    expect(await readdir(support)).toEqual(['Canopus Window']);
  });

  it('stay where large and small letters make two folders', async () => {
    await mkdir(options.dataFolder);
    await mkdir(options.userData);
    expect(windowDataFolder(options)).toBeNull();
  });

  it.each(['linux', 'win32'] as const)('stay on %s, where Electron has a folder elsewhere', (platform) => {
    expect(windowDataFolder({ ...options, platform })).toBeNull();
  });
});
