import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canopus } from './command-line.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-presets-'));
  const json = JSON.parse(await readFile('resources/boards/btt-octopus.json', 'utf8')) as object;
  const mine = { ...json, id: 'my-board', name: 'My board', aliases: [] };
  await writeFile(join(folder, 'mine.json'), JSON.stringify(mine));
  await writeFile(join(folder, 'bad.json'), JSON.stringify({ ...mine, maker: 7 }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const presets = (...args: string[]): ReturnType<typeof canopus> =>
  canopus('presets', ...args, '--data', join(folder, 'data'));

it('adds a board, lists it as added, exports and removes it', async () => {
  const file = join(folder, 'mine.json');
  expect((await presets('add', file)).stdout).toMatch(/^Added:\nMy board, added by you$/m);
  expect((await presets()).stdout).toMatch(/^ {2}my-board:f446 +STM32F446ZET6/m);
  expect(await presets('add', file, '--json')).toMatchObject({ events: [{ code: 'preset/taken' }] });
  expect((await presets('add', file, '--replace')).exitCode).toBe(0);
  const copy = join(folder, 'copy.json');
  expect((await presets('export', 'my-board', '--out', copy)).exitCode).toBe(0);
  expect(JSON.parse(await readFile(copy, 'utf8'))).toMatchObject({ id: 'my-board', name: 'My board' });
  expect((await presets('remove', 'my-board')).exitCode).toBe(0);
  expect((await presets()).stdout).not.toContain('my-board');
});

it('says which field of a file is wrong', async () => {
  const { exitCode, events } = await presets('add', join(folder, 'bad.json'), '--json');
  expect(exitCode).toBe(2);
  expect(events).toMatchObject([{ code: 'preset/invalid', details: { field: 'maker' } }]);
});
