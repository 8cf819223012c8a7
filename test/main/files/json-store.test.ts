import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { jsonList } from '../../../main/files/json-list.ts';
import { JsonStore } from '../../../main/files/json-store.ts';

interface Item {
  readonly id: string;
}

const format = jsonList<Item>(z.object({ id: z.string() }));

let folder: string;
let path: string;
let reported: unknown[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-json-'));
  path = join(folder, 'items.json');
  reported = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (): Promise<JsonStore<readonly Item[]>> =>
  JsonStore.open({ path, format, report: (error) => reported.push(error) });
const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(name, 'utf8'));

describe('a JSON store', () => {
  it('is empty without a file, and creates none', async () => {
    expect((await open()).current).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps the newest of several values', async () => {
    const store = await open();
    for (const id of ['a', 'b', 'c']) store.keep([{ id }]);
    await store.settled();
    expect(await json(path)).toEqual([{ id: 'c' }]);
    expect((await open()).current).toEqual([{ id: 'c' }]);
  });

  it('loses no good record to a bad one, and keeps the bad one aside', async () => {
    await writeFile(path, JSON.stringify([{ id: 'good' }, { id: 3 }, { id: 'also good' }]));
    const store = await open();
    expect(store.current).toEqual([{ id: 'good' }, { id: 'also good' }]);
    expect(reported).toHaveLength(1);
    store.keep([...store.current, { id: 'new' }]);
    await store.settled();
    expect(await json(path)).toHaveLength(3);
    expect(await json(`${path}.set-aside`)).toMatchObject([{ record: { id: 3 } }]);
  });

  it('adds to what was set aside before, once', async () => {
    const text = JSON.stringify([{ id: 3 }]);
    await writeFile(path, text);
    await open();
    await open();
    await writeFile(path, JSON.stringify([{ id: 4 }]));
    await open();
    expect(await json(`${path}.set-aside`)).toMatchObject([{ record: { id: 3 } }, { record: { id: 4 } }]);
  });

  it.each(['[{"id":', '{}', ''])(
    'copies a file of another shape before it is written over: %j',
    async (text) => {
      await writeFile(path, text);
      const store = await open();
      expect(store.current).toEqual([]);
      store.keep([{ id: 'new' }]);
      await store.settled();
      expect(await readFile(`${path}.unreadable`, 'utf8')).toBe(text);
      await writeFile(path, 'again');
      await open();
      expect(await readFile(`${path}.unreadable-2`, 'utf8')).toBe('again');
    },
  );

  it('never writes over a file that cannot be read', async () => {
    // A folder of that name cannot be read as a file by anyone, root included.
    await mkdir(path);
    const store = await open();
    expect(reported).toMatchObject([{ code: 'file/unreadable' }]);
    store.keep([{ id: 'new' }]);
    await store.settled();
    expect(store.current).toEqual([{ id: 'new' }]);
    expect(reported).toHaveLength(2);
    await expect(store.save([])).rejects.toMatchObject({ code: 'file/unreadable' });
    expect(await readdir(path)).toEqual([]);
  });

  it('leaves the file alone where the record set aside cannot be kept', async () => {
    const text = JSON.stringify([{ id: 3 }]);
    await writeFile(path, text);
    await mkdir(`${path}.set-aside`);
    const store = await open();
    store.keep([{ id: 'new' }]);
    await store.settled();
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});
