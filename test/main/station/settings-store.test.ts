import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../app/settings/settings.ts';
import { SettingsStore } from '../../../main/station/settings-store.ts';

let folder: string;
let unread: unknown[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-settings-'));
  unread = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (): Promise<SettingsStore> => SettingsStore.open(folder, (error) => unread.push(error));
const file = (): string => join(folder, 'settings.json');

describe('the settings of a station', () => {
  it('are the defaults where there is no file, and none is written before something is changed', async () => {
    expect((await open()).current).toEqual(defaultSettings);
    await expect(readFile(file())).rejects.toThrow();
    expect(unread).toEqual([]);
  });

  it('outlive the program', async () => {
    await (await open()).set({ operator: 'Ada', playSounds: false });
    expect((await open()).current).toEqual({ ...defaultSettings, operator: 'Ada', playSounds: false });
  });

  it('take every change when several come at once', async () => {
    const store = await open();
    await Promise.all([store.set({ operator: 'Ada' }), store.set({ theme: 'dark' })]);
    expect((await open()).current).toMatchObject({ operator: 'Ada', theme: 'dark' });
  });

  it('keep what a newer version stored beside them', async () => {
    await writeFile(file(), JSON.stringify({ labelPrinter: 'ql-700', theme: 'dark' }));
    await (await open()).set({ operator: 'Ada' });
    const stored: unknown = JSON.parse(await readFile(file(), 'utf8'));
    expect(stored).toMatchObject({ labelPrinter: 'ql-700', theme: 'dark', operator: 'Ada' });
  });

  it('put a file aside that cannot be read', async () => {
    await writeFile(file(), '{"operator": "Ada"');
    const store = await open();
    expect(store.current).toEqual(defaultSettings);
    expect(unread).toHaveLength(1);
    await store.set({ theme: 'dark' });
    expect(await readFile(`${file()}.unreadable`, 'utf8')).toBe('{"operator": "Ada"');
  });

  it('report which fields of the file are invalid', async () => {
    await writeFile(file(), JSON.stringify({ theme: 'pink' }));
    await open();
    expect(String(unread[0])).toContain('theme');
  });

  it('are not changed where they cannot be kept', async () => {
    const store = await open();
    // A folder in the way stops root as well, which permissions would not.
    await mkdir(file());
    await chmod(file(), 0o755);
    await writeFile(join(file(), 'x'), '');
    const seen: unknown[] = [];
    store.onChange((settings) => seen.push(settings));
    await expect(store.set({ operator: 'Ada' })).rejects.toMatchObject({ code: 'file/unwritable' });
    expect(store.current).toEqual(defaultSettings);
    expect(seen).toEqual([]);
  });

  it('are sent to followers: now, then after each change', async () => {
    const store = await open();
    await store.set({ operator: 'Ada' });
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { operator } of store.follow(stop.signal)) {
      seen.push(operator);
      if (operator === 'Ada') await store.set({ operator: 'Grace' });
      else break;
    }
    expect(seen).toEqual(['Ada', 'Grace']);
  });
});
