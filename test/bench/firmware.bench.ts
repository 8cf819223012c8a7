import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { recipeForBoard } from '../../app/build/board-recipe.ts';
import type { FirmwareTarget, Recipe } from '../../app/build/recipe.ts';
import { findPreset } from '../../app/boards/preset.ts';
import { ImageCache } from '../../main/firmware/image-cache.ts';
import { checkOut } from '../../main/firmware/source-tree.ts';
import { LockFolder } from '../../main/files/lock-folder.ts';
import { sha256Of } from '../../main/files/hashed-json.ts';
import { loadPresets } from '../../main/presets.ts';
import { sample } from '../main/firmware/sample-record.ts';
import { openBench } from '../system/firmware/bench.ts';
import { cloneTree, makeByHand } from '../system/firmware/make-by-hand.ts';
import { makeSourceTree } from '../system/firmware/source-tree.ts';
import { argument } from './arguments.ts';
import { duration, median, printTable, type BenchRow } from './table.ts';

/** Builds and the cache of images. With `--klipper DIR --katapult DIR` six real images are built. */

const presets = await loadPresets();
const boards = ['btt-octopus:f446', 'btt-octopus:f407', 'btt-octopus:f429'];
const recipes = boards.map((id) => recipeForBoard(findPreset(presets, id)).recipe);

async function time(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function medianTime(times: number, work: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let round = 0; round < times; round++) all.push(await time(work));
  return median(all);
}

function request(target: FirmwareTarget, recipe: Recipe, path: string) {
  return { target, recipe, presetId: null, source: { type: 'folder', path } as const, on: 'local' };
}

async function benchBuilds(trees: Record<FirmwareTarget, string>): Promise<void> {
  await using bench = await openBench();
  const jobs = availableParallelism();
  const six = recipes.flatMap((recipe) =>
    (['katapult', 'klipper'] as const).map((target) => ({ target, recipe })),
  );
  const copy = (target: FirmwareTarget) => join(bench.folder, `by-hand-${target}`);
  for (const target of ['katapult', 'klipper'] as const) await cloneTree(trees[target], copy(target));
  const service = bench.service();
  const site = service.machines.local();
  const checkedOut = await time(async () => {
    for (const target of ['katapult', 'klipper'] as const) {
      await checkOut(site, await site.sources.snapshot({ type: 'folder', path: trees[target] }, target));
    }
  });
  const oneByOne = await time(async () => {
    for (const { target, recipe } of six) await makeByHand(copy(target), target, recipe, jobs);
  });
  const all = () =>
    Promise.all(six.map(({ target, recipe }) => service.build(request(target, recipe, trees[target]))));
  const together = await time(all);
  const cached = await medianTime(9, () => service.build(request('klipper', recipes[0]!, trees.klipper)));
  printTable(`Building the six images of F446, F407 and F429 (${jobs} cores)`, [
    {
      what: `six \`make -j${jobs}\` by hand, one after the other, sources checked out`,
      measured: duration(oneByOne),
    },
    {
      what: 'the station, all six asked for at once, sources checked out',
      measured: `${duration(together)}, ${(together / oneByOne).toFixed(2)} of it`,
      aim: 'at most 0.75',
    },
    { what: 'checking out both sources, once per commit', measured: duration(checkedOut) },
    {
      what: 'one of them again, from the cache, real Klipper tree looked at',
      measured: duration(cached),
      aim: 'under 50 ms',
    },
  ]);
}

async function benchCache(): Promise<void> {
  await using bench = await openBench();
  const tree = await makeSourceTree(join(bench.folder, 'klipper'), 'klipper');
  const service = bench.service();
  const folder = request('klipper', recipes[0]!, tree.path);
  const url = { ...folder, source: { type: 'git', url: `file://${tree.path}`, ref: 'v1.0' } as const };
  await service.build(folder);
  await service.build(url);
  const rows: BenchRow[] = [
    {
      what: 'an image from the cache, source a folder that is looked at each time',
      measured: duration(await medianTime(15, () => service.build(folder))),
      aim: 'under 50 ms',
    },
    {
      what: 'an image from the cache, source a URL at a tag',
      measured: duration(await medianTime(15, () => service.build(url))),
      aim: 'under 50 ms',
    },
  ];
  const many = join(bench.folder, 'many');
  const open = () => new ImageCache(many, new LockFolder(join(many, 'locks')));
  const { record, parts } = await sample(1);
  const cache = open();
  for (let count = 0; count < 1_000; count++) {
    const image = Buffer.concat([parts.image, Buffer.from(String(count))]);
    const key = sha256Of(Buffer.from(`key ${count}`));
    const info = { ...record.info, sha256: sha256Of(image), size: image.length };
    await cache.put({ ...record, key, info }, { ...parts, image });
  }
  const first = await time(() => open().list());
  const again = await medianTime(9, () => cache.list());
  rows.push(
    { what: '1,000 images listed, first time in a process', measured: duration(first), aim: 'under 100 ms' },
    { what: '1,000 images listed again', measured: duration(again), aim: 'under 100 ms' },
    {
      what: 'one of 1,000 read and verified',
      measured: duration(await medianTime(15, () => cache.require(sha256Of(Buffer.from('key 500'))))),
    },
  );
  printTable('The cache of images', rows);
}

await benchCache();
const [klipper, katapult] = [argument('klipper'), argument('katapult')];
if (klipper !== null && katapult !== null) await benchBuilds({ klipper, katapult });
else process.stdout.write('Building real images: give --klipper DIR and --katapult DIR.\n\n');
