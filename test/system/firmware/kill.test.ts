import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyCache } from '../../../main/firmware/cache-upkeep.ts';
import { buildProgram } from '../../main/firmware/run-program.ts';
import { openBench, recipe } from './bench.ts';
import type { Bench } from './bench.ts';
import { makeSourceTree } from './source-tree.ts';
import type { SourceTree } from './source-tree.ts';

let bench: Bench;
let klipper: SourceTree;

beforeAll(async () => {
  bench = await openBench();
  klipper = await makeSourceTree(join(bench.folder, 'user/klipper'), 'klipper');
});
afterAll(() => bench[Symbol.asyncDispose]());

const filesIn = (path: string) => readdir(path, { recursive: true }).catch(() => [] as string[]);

/** Keys of images that were read whole in an earlier round. */
const read = new Set<string>();

/** Reads what is new in the cache as a station would. A record is written last: none may have to be dropped. */
async function readNew(): Promise<void> {
  const { cache } = bench.service();
  for (const key of await cache.keys()) {
    if (!read.has(key)) expect(await cache.get(key)).not.toBeNull();
    read.add(key);
  }
}

async function expectNoLeftovers(): Promise<void> {
  await expect.poll(() => bench.processes(), { timeout: 10_000 }).toEqual([]);
  const { cacheFolder } = bench;
  expect(await filesIn(join(cacheFolder, 'builds'))).toEqual([]);
  expect(await filesIn(join(cacheFolder, 'images-1/writing'))).toEqual([]);
  const folders = ['images-1', 'configs-1', 'locks'].map((name) => filesIn(join(cacheFolder, name)));
  const all = (await Promise.all(folders)).flat();
  expect(all.filter((name) => name.includes('canopus-tmp'))).toEqual([]);
  expect(await verifyCache(bench.service().cache)).toMatchObject({ damaged: [], removedObjects: 0 });
}

describe('a station that is killed', () => {
  it('50 times while it builds leaves no damaged image, no process and no rubbish, and the next build is good', async () => {
    await using builder = await buildProgram('build-forever');
    for (let round = 0; round < 50; round++) {
      const program = builder.start([bench.cacheFolder, klipper.path, String(round)]);
      await program.until('building');
      // Spread over what a build takes, with a different part of it in each round.
      await new Promise((resolve) => setTimeout(resolve, (round * 137) % 1_500));
      program.child.kill('SIGKILL');
      await program.ended;
      expect(program.output()).not.toMatch(/Error/);
      await readNew();
    }
    const { record, bytes } = await bench.service().build({
      target: 'klipper',
      recipe: recipe(),
      presetId: null,
      source: { type: 'folder', path: klipper.path },
      on: 'local',
    });
    expect(record.info).toMatchObject({ kind: 'klipper', mcu: 'stm32f446xx', size: bytes.length });
    await expectNoLeftovers();
  }, 600_000);

  it('50 times while it writes into the cache leaves whole images only', async () => {
    await using writer = await buildProgram('store-forever');
    for (let round = 0; round < 50; round++) {
      const program = writer.start([bench.cacheFolder, String(round * 10_000)]);
      await program.until('storing');
      await new Promise((resolve) => setTimeout(resolve, (round * 37) % 200));
      program.child.kill('SIGKILL');
      await program.ended;
      await readNew();
    }
    expect(read.size).toBeGreaterThanOrEqual(50);
    const { cache } = bench.service();
    await cache.change(undefined, () => Promise.resolve());
    await expectNoLeftovers();
  }, 600_000);
});
