import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pruneCache, verifyCache } from '../../../main/firmware/cache-upkeep.ts';
import { ImageCache, objectsOf } from '../../../main/firmware/image-cache.ts';
import { LockFolder } from '../../../main/files/lock-folder.ts';
import { codeOfRejection } from '../../error-code.ts';
import { sample } from './sample-record.ts';
import type { Sample } from './sample-record.ts';

let folder: string;
let cache: ImageCache;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-cache-'));
  cache = reopened();
});
afterEach(() => rm(folder, { recursive: true }));

/** The same folder as another process would open it. */
const reopened = (held: readonly string[] = []) =>
  new ImageCache(folder, new LockFolder(join(folder, 'locks')), () => Promise.resolve(held));

async function put(seed: number): Promise<Sample> {
  const made = await sample(seed);
  await cache.put(made.record, made.parts);
  return made;
}

const objectPath = (sha256: string) => join(folder, 'objects', sha256.slice(0, 2), sha256);

async function flipByte(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  await writeFile(path, bytes);
}

async function files(): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function usedAt(key: string, seconds: number): Promise<void> {
  await utimes(join(folder, 'images', key), seconds, seconds);
}

describe('the image cache', () => {
  it('gives back the image and the whole record', async () => {
    const { record, parts } = await put(1);
    const found = await reopened().get(record.key);
    expect(found?.record).toEqual(record);
    expect(Buffer.compare(found?.bytes ?? new Uint8Array(), parts.image)).toBe(0);
  });

  it('has only images that were put there', async () => {
    expect(await cache.get('0'.repeat(64))).toBeNull();
    expect(await codeOfRejection(cache.require('0'.repeat(64)))).toBe('cache/unknown-image');
    expect(await cache.list()).toEqual([]);
    expect(await files()).toEqual([]);
  });

  it('refuses a key that is a path', async () => {
    for (const key of ['../x', '', '0'.repeat(63), 'G'.repeat(64)]) {
      expect(await codeOfRejection(cache.get(key))).toBe('cache/unknown-image');
    }
  });

  it('stores the same bytes once', async () => {
    const first = await put(1);
    const second = await sample(1);
    await cache.put({ ...second.record, key: 'd'.repeat(64) }, second.parts);
    expect((await files()).filter((name) => name === first.record.info.sha256)).toHaveLength(1);
    expect(await cache.list()).toHaveLength(2);
  });

  it('lists what was used last first, and notes each use', async () => {
    const made = [await put(1), await put(2), await put(3)];
    for (const [index, { record }] of made.entries()) await usedAt(record.key, 1_000_000 + index);
    await cache.get(made[0]!.record.key);
    const order = (await cache.list()).map(({ record }) => record.key);
    expect(order).toEqual([made[0]!, made[2]!, made[1]!].map(({ record }) => record.key));
  });

  it('pins and unpins', async () => {
    const { record } = await put(1);
    await cache.pin(record.key);
    expect((await cache.list())[0]?.pinned).toBe(true);
    await cache.unpin(record.key);
    expect((await cache.list())[0]?.pinned).toBe(false);
    expect(await codeOfRejection(cache.pin('0'.repeat(64)))).toBe('cache/unknown-image');
  });

  it('does not store when the wait is cancelled', async () => {
    const { record, parts } = await sample(1);
    expect(await codeOfRejection(cache.put(record, parts, AbortSignal.abort()))).toBe('cancelled');
    expect(await cache.get(record.key)).toBeNull();
  });
});

describe('damage in the image cache', () => {
  it('of any byte of the image is found, and the image is gone', async () => {
    const { record, parts } = await put(1);
    for (const at of [0, 1, Math.floor(parts.image.length / 2), parts.image.length - 1]) {
      await flipByte(objectPath(record.info.sha256), at);
      expect(await cache.get(record.key)).toBeNull();
      expect(await cache.list()).toEqual([]);
      await cache.put(record, parts);
      expect(await cache.get(record.key)).not.toBeNull();
    }
  });

  it('of any byte of the record is found', async () => {
    const { record, parts } = await put(1);
    const path = join(folder, 'images', record.key);
    const { length } = await readFile(path);
    for (let at = 0; at < length; at += 37) {
      await flipByte(path, at);
      expect(await cache.list()).toEqual([]);
      expect(await cache.get(record.key)).toBeNull();
      await cache.put(record, parts);
    }
  });

  it('that made an object shorter, empty or missing is found', async () => {
    const { record, parts } = await put(1);
    const path = objectPath(record.info.sha256);
    for (const spoil of [
      () => writeFile(path, parts.image.subarray(0, 100)),
      () => writeFile(path, ''),
      () => rm(path),
    ]) {
      await spoil();
      expect(await cache.get(record.key)).toBeNull();
      await cache.put(record, parts);
      expect(await cache.get(record.key)).not.toBeNull();
    }
  });

  it('is found by verify, also in a log, and removed', async () => {
    const [good, badImage, badLog] = [await put(1), await put(2), await put(3)];
    await flipByte(objectPath(badImage.record.info.sha256), 7);
    const log = Buffer.from('another log\n');
    await cache.put(badLog.record, { ...badLog.parts, log });
    const [, , logObject = ''] = objectsOf((await cache.require(badLog.record.key)).record);
    await flipByte(objectPath(logObject), 0);
    const report = await verifyCache(reopened());
    expect(report.images).toBe(1);
    expect([...report.damaged].sort()).toEqual([badImage.record.key, badLog.record.key].sort());
    expect((await cache.list()).map(({ record }) => record.key)).toEqual([good.record.key]);
    expect(await verifyCache(cache)).toEqual({ images: 1, damaged: [], removedObjects: 0 });
  });
});

describe('after a crash', () => {
  it('the next writer sweeps what a dead one left, and nothing else', async () => {
    const { record } = await put(1);
    const before = (await files()).sort();
    await writeFile(join(folder, 'writing', 'dead'), '');
    await mkdir(join(folder, 'objects', 'ab'), { recursive: true });
    await writeFile(join(folder, 'objects', 'ab', `${'ab'.repeat(32)}.0123456789ab.canopus-tmp`), 'half');
    await writeFile(join(folder, 'objects', 'ab', 'ab'.repeat(32)), 'named by no record');
    await writeFile(join(folder, 'images', `${record.key}.0123456789ab.canopus-tmp`), 'half');
    await reopened().sweepAfterCrash();
    expect((await files()).sort()).toEqual(before);
  });

  it('a cache without a dead writer is not searched', async () => {
    await put(1);
    const orphan = join(folder, 'objects', 'ab', 'ab'.repeat(32));
    await mkdir(join(folder, 'objects', 'ab'), { recursive: true });
    await writeFile(orphan, 'x');
    await reopened().sweepAfterCrash();
    expect(await readFile(orphan, 'utf8')).toBe('x');
  });
});

describe('pruning', () => {
  it('removes what was unused the longest until the rest fits', async () => {
    const made = [await put(1), await put(2), await put(3), await put(4)];
    for (const [index, { record }] of made.entries()) await usedAt(record.key, 1_000_000 + index);
    const report = await pruneCache(cache, { maxBytes: 100_000 });
    expect(report.removed.map(({ record }) => record.key)).toEqual(
      [made[0]!, made[1]!].map(({ record }) => record.key),
    );
    expect(report.bytesBefore).toBeGreaterThan(4 * 46_728);
    expect(report.bytesAfter).toBeLessThanOrEqual(100_000);
    const objects = (await files()).filter((name) => /^[0-9a-f]{64}$/.test(name));
    // Two records, two images, two configurations and the log that both share.
    expect(objects).toHaveLength(2 + 2 + 2 + 1);
  });

  it('never removes what is pinned or in the history of a board', async () => {
    const made = [await put(1), await put(2), await put(3), await put(4)];
    for (const [index, { record }] of made.entries()) await usedAt(record.key, 1_000_000 + index);
    await cache.pin(made[0]!.record.key);
    await cache.noteOnBoard(made[1]!.record.info.sha256, '430014000A50534E4E313120');
    const withHistory = reopened([made[3]!.record.info.sha256]);
    expect((await withHistory.list()).map(({ held }) => held)).toEqual([false, true, false, true]);
    const report = await pruneCache(withHistory, { maxBytes: 0 });
    expect(report.removed.map(({ record }) => record.key)).toEqual([made[2]!.record.key]);
    expect(report.bytesAfter).toBeGreaterThan(0);
    expect(await cache.get(made[0]!.record.key)).not.toBeNull();
    expect(await cache.get(made[1]!.record.key)).not.toBeNull();
  });

  it('keeps what was used a moment ago on request', async () => {
    const made = [await put(1), await put(2)];
    await usedAt(made[0]!.record.key, 1_000_000);
    const report = await pruneCache(cache, { maxBytes: 0, unusedForMs: 60_000 });
    expect(report.removed.map(({ record }) => record.key)).toEqual([made[0]!.record.key]);
  });

  it('removes nothing where all fits', async () => {
    await put(1);
    expect((await pruneCache(cache, { maxBytes: 1 << 30 })).removed).toEqual([]);
  });
});
