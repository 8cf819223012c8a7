import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FirmwareService } from '../../../main/firmware/firmware-service.ts';
import type { FirmwareServiceOptions } from '../../../main/firmware/firmware-service.ts';
import { makeKlipperImage } from '../../../main/sim/sample-images.ts';

let folder: string;
const open: FirmwareService[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-service-'));
});
afterEach(async () => {
  for (const service of open.splice(0)) await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function openService(options: Partial<FirmwareServiceOptions> = {}): FirmwareService {
  const openPi = () => Promise.reject(new Error('this test has no Pi'));
  const service = new FirmwareService({ cacheFolder: folder, openPi, ...options });
  open.push(service);
  return service;
}

/** Imports an image as if it had been used last long ago. */
async function importOld(service: FirmwareService, seed: number): Promise<{ key: string; sha256: string }> {
  const { record } = await service.importImage(makeKlipperImage({ seed }), `${seed}.bin`);
  await utimes(service.cache.recordPath(record.key), seed, seed);
  return { key: record.key, sha256: record.info.sha256 };
}

describe('the size of the cache', () => {
  it('is kept by removing what was unused the longest whenever something is stored', async () => {
    const service = openService({ maxCacheBytes: 100_000 });
    const old = [await importOld(service, 1), await importOld(service, 2)];
    const { record } = await service.importImage(makeKlipperImage({ seed: 3 }), '3.bin');
    expect((await service.cache.list()).map(({ record: { key } }) => key)).toEqual([record.key, old[1]!.key]);
  });

  it('never costs an image that a history holds', async () => {
    const held: string[] = [];
    const service = openService({ maxCacheBytes: 0, heldImages: () => Promise.resolve(held) });
    const kept = await importOld(service, 1);
    held.push(kept.sha256);
    const lost = await importOld(service, 2);
    await service.importImage(makeKlipperImage({ seed: 3 }), '3.bin');
    expect(await service.cache.get(kept.key)).not.toBeNull();
    expect(await service.cache.get(lost.key)).toBeNull();
  });

  it('leaves what was stored within the hour, for it is about to be written', async () => {
    const service = openService({ maxCacheBytes: 0 });
    const { record } = await service.importImage(makeKlipperImage(), 'klipper.bin');
    expect(await service.cache.get(record.key)).not.toBeNull();
  });
});

describe('a station that starts', () => {
  it('clears away half-written images and builds of one that was killed', async () => {
    await importOld(openService(), 1);
    const images = join(folder, 'images-1');
    await writeFile(join(images, 'writing', 'dead'), '');
    const half = join(images, 'images', `${'0'.repeat(64)}.0123456789ab.canopus-tmp`);
    await writeFile(half, 'half');
    const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);
    // No process has this number: Linux' largest is 4194304 (proc(5), pid_max).
    const build = join(folder, 'builds', `${digest(hostname())}-4194305-${digest('1')}-01234567`);
    await mkdir(build, { recursive: true });

    const errors: unknown[] = [];
    await openService().tidy((error) => errors.push(error));
    expect(errors).toEqual([]);
    expect([half, build].filter(existsSync)).toEqual([]);
    expect(await openService().cache.list()).toHaveLength(1);
  });

  it('that is closed at once does not go on tidying', async () => {
    const service = openService();
    const errors: unknown[] = [];
    const tidying = service.tidy((error) => errors.push(error));
    await service[Symbol.asyncDispose]();
    await tidying;
    expect(errors).toEqual([]);
  });
});
