import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';
import type { FirmwareService } from '../../../main/firmware/firmware-service.ts';
import { sha256Of } from '../../../main/files/hashed-json.ts';
import { openBench, recipe, recorder } from './bench.ts';
import type { Bench } from './bench.ts';
import { cloneTree, makeByHand } from './make-by-hand.ts';
import { makeSourceTree } from './source-tree.ts';
import type { SourceTree } from './source-tree.ts';

const boards = {
  F446: recipe(),
  F407: recipe({ mcu: 'stm32f407xx', crystalHz: 8_000_000 }),
  F429: recipe({ mcu: 'stm32f429xx', crystalHz: 8_000_000 }),
};

let bench: Bench;
let service: FirmwareService;
let trees: Record<FirmwareTarget, SourceTree>;

beforeAll(async () => {
  bench = await openBench();
  trees = {
    katapult: await makeSourceTree(join(bench.folder, 'user/katapult'), 'katapult'),
    klipper: await makeSourceTree(join(bench.folder, 'user/klipper'), 'klipper'),
  };
  service = bench.service();
});
afterAll(() => bench[Symbol.asyncDispose]());

function request(target: FirmwareTarget, board: keyof typeof boards = 'F446') {
  const source = { type: 'folder', path: trees[target].path } as const;
  return { target, recipe: boards[board], presetId: 'test', source, on: 'local' };
}

/** What a user gets who runs make in a copy of the tree. */
async function byHand(target: FirmwareTarget, board: keyof typeof boards): Promise<Buffer> {
  const copy = join(bench.folder, `by-hand-${target}`);
  await cloneTree(trees[target].path, copy);
  return makeByHand(copy, target, boards[board], 1);
}

/** Every file of a folder with its time and content, git's own included. */
async function fingerprint(folder: string): Promise<string[]> {
  const lines: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs, mode } = await stat(path);
    lines.push(`${path} ${mode} ${mtimeMs} ${entry.isFile() ? sha256Of(await readFile(path)) : ''}`);
  }
  return lines.sort();
}

describe('building on this computer', () => {
  it.each([
    ['katapult', 'F446'],
    ['katapult', 'F407'],
    ['katapult', 'F429'],
    ['klipper', 'F446'],
    ['klipper', 'F407'],
    ['klipper', 'F429'],
  ] as const)('%s for %s gives byte for byte what make gives by hand', async (target, board) => {
    const { bytes, record } = await service.build(request(target, board));
    expect(Buffer.compare(bytes, await byHand(target, board))).toBe(0);
    expect(record.info).toMatchObject({
      kind: target,
      mcu: boards[board].mcu,
      crystalHz: boards[board].crystalHz,
    });
  });

  it('records what the image was made from', async () => {
    const { record } = await service.build(request('klipper'));
    const commit = await trees.klipper.git('rev-parse', 'HEAD');
    expect(record).toMatchObject({
      origin: 'built',
      presetId: 'test',
      build: {
        target: 'klipper',
        source: {
          location: trees.klipper.path,
          commit,
          treeId: await trees.klipper.git('rev-parse', 'HEAD^{tree}'),
          version: await trees.klipper.git('describe', '--always', '--tags', '--long', '--dirty'),
          dirty: false,
        },
        machine: 'this computer',
      },
    });
    expect(record.info.version).toBe(record.build?.source.version);
    const tools = record.build?.toolchain.tools.map(({ name }) => name);
    expect(tools).toEqual(expect.arrayContaining(['arm-none-eabi-gcc', 'newlib', 'make', 'python3', 'git']));
    const config = await service.cache.objects.read(record.build!.config);
    expect(Buffer.from(config!).toString()).toMatch(/^CONFIG_CANBUS_FREQUENCY=1000000$/m);
    const log = await service.cache.objects.read(record.build!.log);
    expect(Buffer.from(log!).toString()).toMatch(/Compiling .*main\.o/);
  });

  it('passes through its phases, streaming the log', async () => {
    const seen = recorder();
    await service.build({ ...request('katapult'), recipe: recipe({ applicationOffset: 0x4000 }) }, seen);
    expect(seen.phases()).toEqual(['source', 'toolchain', 'configure', 'compile', 'inspect', 'store']);
    expect(seen.lines('plain').length).toBeGreaterThan(4);
  });

  it('takes from the cache what was built, also after a restart, without a compiler run', async () => {
    const first = await service.build(request('klipper'));
    const seen = recorder();
    const again = await bench.service().build(request('klipper'), seen);
    expect(again.record).toEqual(first.record);
    expect(seen.cached()).toBe(true);
    expect(seen.phases()).toEqual(['source', 'toolchain']);
  });

  it('never touches the tree of the user', async () => {
    await trees.klipper.write('.config', 'CONFIG_THE_USERS_OWN=y\n');
    await trees.klipper.write('out/klipper.bin', "the user's own");
    const before = await fingerprint(trees.klipper.path);
    await service.build({ ...request('klipper'), recipe: recipe({ bitrateBps: 500_000 }) });
    await service.build({ ...request('klipper'), recipe: recipe({ bitrateBps: 500_000 }) });
    expect(await fingerprint(trees.klipper.path)).toEqual(before);
  });

  it('leaves no folders and no processes of builds', async () => {
    expect(await readdir(join(bench.cacheFolder, 'builds'))).toEqual([]);
    expect(await bench.processes()).toEqual([]);
  });

  it('builds anew what was damaged on disk', async () => {
    const { record, bytes } = await service.build(request('klipper'));
    const { sha256 } = record.info;
    const path = join(bench.cacheFolder, 'images-1/objects', sha256.slice(0, 2), sha256);
    const damaged = Buffer.from(bytes);
    damaged[100]! ^= 1;
    await writeFile(path, damaged);
    const seen = recorder();
    const again = await service.build(request('klipper'), seen);
    expect(seen.phases()).toContain('compile');
    expect(again.record.info.sha256).toBe(sha256);
    expect(Buffer.compare(again.bytes, bytes)).toBe(0);
  });

  it('takes extra symbols into the image and the key', async () => {
    const extra = { katapult: { ENABLE_LED: 'y', STATUS_LED_PIN: '"PA13"' } };
    const { record } = await service.build({ ...request('katapult'), recipe: recipe({ extra }) });
    const config = Buffer.from((await service.cache.objects.read(record.build!.config))!).toString();
    expect(config).toMatch(/^CONFIG_STATUS_LED_PIN="PA13"$/m);
    expect(record.key).not.toBe((await service.build(request('katapult'))).record.key);
  });
});

describe('20 requests at once for 5 recipes', () => {
  it('build 5 times', async () => {
    const counter = join(bench.folder, 'makes');
    const bin = await bench.standIns({
      make: `case "$*" in *" all") echo x >> "${counter}" ;; esac; exec /usr/bin/make "$@"`,
    });
    const counted = bench.service({ localEnvironment: { PATH: `${bin}:${process.env['PATH'] ?? ''}` } });
    const wanted = [
      { ...request('katapult'), recipe: recipe({ extra: { katapult: { ENABLE_LED: 'y' } } }) },
      { ...request('klipper'), recipe: recipe({ canPins: ['PB8', 'PB9'] }) },
      { ...request('klipper'), recipe: recipe({ bitrateBps: 250_000 }) },
      { ...request('klipper', 'F407'), recipe: { ...boards.F407, bitrateBps: 250_000 } },
      { ...request('klipper', 'F429'), recipe: { ...boards.F429, bitrateBps: 250_000 } },
    ];
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => counted.build(wanted[index % 5]!)),
    );
    const keys = results.map(({ record }) => record.key);
    expect(new Set(keys).size).toBe(5);
    expect((await readFile(counter, 'utf8')).trim().split('\n')).toHaveLength(5);
  });

  it('build 5 times among two stations on one computer, too', async () => {
    const counter = join(bench.folder, 'makes of two');
    const bin = await bench.standIns({
      make: `case "$*" in *" all") echo x >> "${counter}" ;; esac; exec /usr/bin/make "$@"`,
    });
    const localEnvironment = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    const stations = [bench.service({ localEnvironment }), bench.service({ localEnvironment })];
    const rates = [100_000, 125_000, 200_000, 400_000, 800_000];
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        stations[index % 2]!.build({
          ...request('klipper'),
          recipe: recipe({ bitrateBps: rates[index % 5]! }),
        }),
      ),
    );
    expect(new Set(results.map(({ record }) => record.key)).size).toBe(5);
    expect((await readFile(counter, 'utf8')).trim().split('\n')).toHaveLength(5);
  });
});
