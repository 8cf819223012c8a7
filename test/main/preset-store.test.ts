import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PresetStore } from '../../main/preset-store.ts';
import { codeOfRejection } from '../error-code.ts';

let data: string;
const octopus = await readFile('resources/boards/btt-octopus.json', 'utf8');

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'canopus-presets-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

function own(changes: Record<string, unknown> = {}): string {
  const json = JSON.parse(octopus) as Record<string, unknown>;
  return JSON.stringify({ ...json, id: 'my-board', name: 'My board', aliases: ['mine'], ...changes });
}

it("keeps an added board, marked as the user's, until it is removed", async () => {
  const store = await PresetStore.open(data);
  const { all } = store;
  const builtIn = all.length;
  expect(all.some(({ isUsers }) => isUsers === true)).toBe(false);
  await store.add('from a forum.json', own(), false);
  expect(all).toHaveLength(builtIn + 1);
  const again = await PresetStore.open(data);
  expect(again.all.find(({ id }) => id === 'my-board')).toMatchObject({ name: 'My board', isUsers: true });
  await again.remove('mine');
  expect(again.all).toHaveLength(builtIn);
  expect(await readdir(join(data, 'boards'))).toEqual([]);
});

it('exports a board so that another station can add it', async () => {
  const store = await PresetStore.open(data);
  await store.add('a.json', own(), false);
  const { fileName, text } = store.export('my-board');
  expect(fileName).toBe('my-board.json');
  expect(text).not.toContain('isUsers');
  await store.remove('my-board');
  expect((await store.add(fileName, text, false)).id).toBe('my-board');
  expect(store.export('btt-octopus').text).toContain('"btt-octopus"');
});

it('replaces no board silently, and none that it comes with at all', async () => {
  const store = await PresetStore.open(data);
  await store.add('a.json', own(), false);
  expect(await codeOfRejection(store.add('b.json', own({ name: 'Other' }), false))).toBe('preset/taken');
  expect((await store.add('b.json', own({ name: 'Other' }), true)).name).toBe('Other');
  expect(await codeOfRejection(store.add('c.json', octopus, true))).toBe('preset/taken');
  expect(await codeOfRejection(store.remove('btt-octopus'))).toBe('preset/built-in');
  expect(await codeOfRejection(store.remove('nothing'))).toBe('preset/unknown');
});

it('names the files in its folder that it cannot use, and uses the others', async () => {
  const folder = join(data, 'boards');
  await mkdir(folder);
  await writeFile(join(folder, 'My Board.json'), own());
  await writeFile(join(folder, 'bad.json'), '{');
  await writeFile(join(folder, 'huge.json'), ' '.repeat(1 << 20));
  await writeFile(join(folder, 'octopus.json'), octopus);
  await mkdir(join(folder, 'folder.json'));
  const store = await PresetStore.open(data);
  expect(store.refused.map(({ file }) => file)).toEqual([
    'bad.json',
    'folder.json',
    'huge.json',
    'octopus.json',
  ]);
  expect(store.all.some(({ id }) => id === 'my-board')).toBe(true);
  await store.remove('my-board');
  expect(await readdir(folder)).not.toContain('My Board.json');
});
