import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FirmwareSource } from '../../../app/build/firmware-source.ts';
import { exportBundle, importBundle } from '../../../main/firmware/cache-bundle.ts';
import type { FirmwareService } from '../../../main/firmware/firmware-service.ts';
import { storeOf } from '../../../main/firmware/source-mirror.ts';
import { codeOfRejection } from '../../error-code.ts';
import { openBench, recipe, recorder } from './bench.ts';
import type { Bench } from './bench.ts';
import { makePlainTree, makeSourceTree } from './source-tree.ts';
import type { SourceTree } from './source-tree.ts';

let bench: Bench;
let service: FirmwareService;
let klipper: SourceTree;

beforeEach(async () => {
  bench = await openBench();
  service = bench.service();
  klipper = await makeSourceTree(join(bench.folder, 'user/klipper'), 'klipper');
});
afterEach(() => bench[Symbol.asyncDispose]());

function build(source: FirmwareSource, seen = recorder(), from = service) {
  return from.build({ target: 'klipper', recipe: recipe(), presetId: null, source, on: 'local' }, seen);
}

const folder = () => ({ type: 'folder', path: klipper.path }) as const;
const url = (ref: string) => ({ type: 'git', url: `file://${klipper.path}`, ref }) as const;

describe('a folder', () => {
  it('that was changed is built as it is, marked, and kept apart from the clean one', async () => {
    const clean = await build(folder());
    await klipper.edit('src/main.c', 'dictionary_size]', 'dictionary_size] + 1');
    const changed = await build(folder());
    expect(changed.record.build?.source).toMatchObject({
      dirty: true,
      version: expect.stringMatching(/-dirty$/) as string,
    });
    expect(changed.record.info.version).toMatch(/-dirty$/);
    expect(changed.record.key).not.toBe(clean.record.key);
    const seen = recorder();
    expect((await build(folder(), seen)).record.key).toBe(changed.record.key);
    expect(seen.cached()).toBe(true);

    await klipper.edit('src/main.c', 'dictionary_size] + 1', 'dictionary_size] + 2');
    expect((await build(folder())).record.key).not.toBe(changed.record.key);

    await klipper.git('checkout', '-q', '--', '.');
    const back = recorder();
    expect((await build(folder(), back)).record.key).toBe(clean.record.key);
    expect(back.cached()).toBe(true);
  });

  it('counts a file that git does not know only where a build looks', async () => {
    const clean = await build(folder());
    await klipper.write('klippy/extras/led_effect.py', '# a plug-in');
    await klipper.write('notes.txt', 'mine');
    expect((await build(folder())).record.key).toBe(clean.record.key);
    await klipper.write('src/chip/extra.h', '#define EXTRA 1\n');
    await klipper.edit(
      'src/main.c',
      '#include "autoconf.h"',
      '#include "autoconf.h"\n#include "chip/extra.h"',
    );
    const changed = await build(folder());
    expect(changed.record.build?.source.dirty).toBe(true);
  });

  it('that was touched but not changed is clean', async () => {
    const clean = await build(folder());
    await klipper.write('src/main.c', await klipper.read('src/main.c'));
    expect((await build(folder())).record.key).toBe(clean.record.key);
    await klipper.edit('src/main.c', 'int main', 'long main');
    await klipper.git('add', '-A');
    await klipper.edit('src/main.c', 'long main', 'int main');
    expect((await build(folder())).record).toMatchObject({
      key: clean.record.key,
      build: { source: { dirty: false } },
    });
  });

  it('that is not in git is built by its content', async () => {
    const plain = await makePlainTree(join(bench.folder, 'plain'), 'klipper');
    const source = { type: 'folder', path: plain.path } as const;
    const first = await build(source);
    expect(first.record.build?.source).toMatchObject({ commit: null, dirty: true, version: '?' });
    expect(first.record.info.version).toMatch(/^\?-\d{8}_\d{6}$/);
    await plain.write('out/klipper.bin', 'what an earlier build left');
    await plain.write('.config', 'CONFIG_X=y\n');
    expect((await build(source)).record.key).toBe(first.record.key);
    await plain.edit('src/main.c', 'dictionary_size]', 'dictionary_size] + 1');
    expect((await build(source)).record.key).not.toBe(first.record.key);
  });

  it('inside another repository is not taken for a part of it', async () => {
    const plain = await makePlainTree(join(klipper.path, 'vendored'), 'klipper');
    const { record } = await build({ type: 'folder', path: plain.path });
    expect(record.build?.source).toMatchObject({ commit: null, dirty: true, version: '?' });
  });

  it('that stops being the firmware is named, clean or changed', async () => {
    await build(folder());
    await klipper.git('rm', '-q', 'src/Kconfig');
    expect(await codeOfRejection(build(folder()))).toBe('source/not-firmware');
    await klipper.commitAll('no Kconfig');
    expect(await codeOfRejection(build(folder()))).toBe('source/not-firmware');
  });

  it('is followed to a new commit and a new tag', async () => {
    const first = await build(folder());
    await klipper.commitAll('third');
    const second = await build(folder());
    expect(second.record.key).not.toBe(first.record.key);
    expect(second.record.info.version).toMatch(/^v1\.0-2-g/);
    await klipper.git('tag', '-a', 'v2.0', '-m', 'v2.0');
    expect((await build(folder())).record.info.version).toMatch(/^v2\.0-0-g/);
  });

  it('without a single tag, in a shallow clone, or on a detached head, says its commit', async () => {
    await klipper.git('tag', '-d', 'v1.0');
    const { record } = await build(folder());
    const commit = await klipper.git('rev-parse', 'HEAD');
    expect(commit.startsWith(record.info.version ?? 'nothing')).toBe(true);
    const shallow = join(bench.folder, 'shallow');
    await klipper.git('clone', '-q', '--depth', '1', `file://${klipper.path}`, shallow);
    await klipper.git('-C', shallow, 'checkout', '-q', '--detach');
    const fromShallow = await build({ type: 'folder', path: shallow });
    expect(fromShallow.record.build?.source.commit).toBe(commit);
  });
});

describe('a URL', () => {
  it('is built at a branch, a tag, a commit and a short commit, as the folder is', async () => {
    const commit = await klipper.git('rev-parse', 'HEAD');
    const { record } = await build(url('master'));
    expect(record.build?.source).toMatchObject({
      location: `file://${klipper.path}`,
      ref: 'master',
      commit,
      dirty: false,
    });
    for (const source of [url(commit), url(commit.slice(0, 10)), folder()]) {
      expect((await build(source)).record.key).toBe(record.key);
    }
    const tagged = await build(url('v1.0'));
    expect(tagged.record.info.version).toMatch(/^v1\.0-0-g/);
  });

  it('follows a branch', async () => {
    const first = await build(url('master'));
    const commit = await klipper.commitAll('third');
    const second = await build(url('master'));
    expect(second.record.build?.source.commit).toBe(commit);
    expect(second.record.key).not.toBe(first.record.key);
  });

  it('needs no network once fetched, and says so where that matters', async () => {
    const commit = await klipper.git('rev-parse', 'HEAD');
    const before = await build(url('master'));
    await build(url('v1.0'));
    await rename(klipper.path, `${klipper.path}-gone`);
    const later = bench.service();
    const seen = recorder();
    expect((await build(url('master'), seen, later)).record.key).toBe(before.record.key);
    expect(seen.notes().join()).toMatch(/could not be reached; using master as last fetched/);
    for (const ref of [commit, 'v1.0']) {
      const quiet = recorder();
      await build(url(ref), quiet, later);
      expect(quiet.notes()).toEqual([]);
    }
    const another = {
      target: 'klipper',
      recipe: recipe({ bitrateBps: 250_000 }),
      presetId: null,
      on: 'local',
    } as const;
    expect((await later.build({ ...another, source: url('v1.0') })).record.info.version).toMatch(
      /^v1\.0-0-g/,
    );
  });

  it('that cannot be reached, or has no such ref, is named', async () => {
    const nowhere = { type: 'git', url: `file://${bench.folder}/nowhere`, ref: 'master' } as const;
    expect(await codeOfRejection(build(nowhere))).toBe('source/unreachable');
    expect(await codeOfRejection(build(url('no-such-branch')))).toBe('source/unknown-ref');
    expect(await codeOfRejection(build(url('f'.repeat(40))))).toBe('source/unknown-ref');
  });

  it('that holds another firmware is named', async () => {
    const katapult = await makeSourceTree(join(bench.folder, 'user/katapult'), 'katapult');
    const source = { type: 'git', url: `file://${katapult.path}`, ref: 'master' } as const;
    expect(await codeOfRejection(build(source))).toBe('source/not-firmware');
  });

  it('is fetched without the contents of old commits where the server can do that', async () => {
    await klipper.write('src/old.txt', 'x'.repeat(100_000));
    await klipper.commitAll('large');
    const oldBlob = await klipper.git('rev-parse', 'HEAD:src/old.txt');
    await klipper.git('rm', '-q', 'src/old.txt');
    await klipper.commitAll('small again');
    await klipper.git('config', 'uploadpack.allowFilter', 'true');
    await klipper.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    const { record } = await build(url('master'));
    expect(record.info.version).toMatch(/^v1\.0-3-g/);
    const site = service.machines.local();
    const store = await storeOf(site.machine, `file://${klipper.path}`);
    const missing = await klipper.git(
      '-C',
      `${store}/mirror.git`,
      'rev-list',
      '--objects',
      '--all',
      '--missing=print',
    );
    expect(missing).toContain(`?${oldBlob}`);
  });
});

describe('a bench without network and without tools', () => {
  it('gets from a bundle what another computer built', async () => {
    const { record } = await build(url('v1.0'));
    const zip = await exportBundle(service.cache, null);
    const PATH = await bench.pathWithout('arm-none-eabi-gcc', 'arm-none-eabi-objcopy');
    const offline = bench.service({ cacheFolder: join(bench.folder, 'offline'), localEnvironment: { PATH } });
    expect(await codeOfRejection(build(folder(), recorder(), offline))).toBe('toolchain/missing');
    await importBundle(offline.cache, zip, 'bench.zip');
    await rename(klipper.path, `${klipper.path}-gone`);

    const seen = recorder();
    expect((await build(url('v1.0'), seen, offline)).record.key).toBe(record.key);
    expect(seen.cached()).toBe(true);
    expect(seen.notes().join()).toMatch(/not built here \(could not fetch .*\); this is v1\.0-0-g/);
    const otherRate = {
      target: 'klipper',
      recipe: recipe({ bitrateBps: 250_000 }),
      presetId: null,
      on: 'local',
    } as const;
    expect(await codeOfRejection(offline.build({ ...otherRate, source: url('v1.0') }))).toBe(
      'source/unreachable',
    );
    expect(await codeOfRejection(build(url('v2.0'), recorder(), offline))).toBe('source/unreachable');
  });

  it('gets what was built from the very content of a folder, but nothing for a changed one', async () => {
    const { record } = await build(folder());
    const PATH = await bench.pathWithout('arm-none-eabi-gcc', 'arm-none-eabi-objcopy');
    const without = bench.service({ localEnvironment: { PATH } });
    expect((await build(folder(), recorder(), without)).record.key).toBe(record.key);
    await klipper.edit('src/main.c', 'dictionary_size]', 'dictionary_size] + 1');
    await build(folder());
    expect(await codeOfRejection(build(folder(), recorder(), without))).toBe('toolchain/missing');
  });
});
