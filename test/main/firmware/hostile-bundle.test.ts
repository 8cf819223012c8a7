import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { deflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importBundle } from '../../../main/firmware/cache-bundle.ts';
import { inspectImageOutside } from '../../../main/firmware/check-outside.ts';
import { ImageCache } from '../../../main/firmware/image-cache.ts';
import { LockFolder } from '../../../main/files/lock-folder.ts';
import { makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { lyingZip, packedZeros } from '../../fixtures/hostile-zip.ts';

let folder: string;
let cache: ImageCache;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-hostile-'));
  cache = new ImageCache(join(folder, 'cache'), new LockFolder(join(folder, 'locks')));
});
afterEach(() => rm(folder, { recursive: true }));

const refusal = (zip: Uint8Array) =>
  importBundle(cache, zip, 'from-the-forum.zip').then(
    () => 'imported',
    (error: unknown) => (error as Error).message,
  );

describe('a bundle that means harm', () => {
  it('of 2 MB that unpacks to 2 GB ends where it said it would', async () => {
    const packed = packedZeros(2048);
    expect(packed.length).toBeLessThan(2_200_000);
    const before = process.memoryUsage().rss;
    expect(await refusal(lyingZip({ declares: 1000, packed }))).toMatch(/is larger than it declares$/);
    expect(process.memoryUsage().rss - before).toBeLessThan(256e6);
  });

  it('leaves the thread that writes to boards alone while it is read', async () => {
    // 60 files of 1 MB, each unpacked and hashed: most of the work is done before the first is found wrong.
    const files: Record<string, Uint8Array> = {};
    for (let at = 0; at < 60; at++)
      files[`objects/${String(at).padStart(64, '0')}`] = new Uint8Array(1 << 20);
    const zip = zipSync(files, { level: 1 });
    const before = performance.eventLoopUtilization();
    const message = await refusal(zip);
    const { active } = performance.eventLoopUtilization(before);
    expect(message).toMatch(/is damaged$/);
    expect(active).toBeLessThan(500);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['4 GB declared', lyingZip({ declares: 0xffffffff, packed: packedZeros(16) }), /is too large$/],
    [
      'less than declared',
      lyingZip({ declares: 999, packed: deflateRawSync(Buffer.from('x')) }),
      /size that it declares$/,
    ],
    ['an unknown method', lyingZip({ declares: 1, packed: Buffer.from('x'), method: 14 }), /not known here$/],
    ['encryption', lyingZip({ declares: 1, packed: Buffer.from('x'), flags: 1 }), /is encrypted$/],
    [
      'a place far outside',
      lyingZip({ declares: 1, packed: Buffer.from('x'), localAt: 0xfffffff0 }),
      /directory says$/,
    ],
    [
      '60,000 files',
      lyingZip({ declares: 1, packed: Buffer.from('x'), count: 60_000 }),
      /holds 60000 files$/,
    ],
    [
      'more files than there are',
      lyingZip({ declares: 1, packed: Buffer.from('x'), count: 2, method: 0 }),
      /directory is damaged$/,
    ],
    [
      'a path with an escape sequence',
      lyingZip({ declares: 1, packed: Buffer.from('x'), name: '\x1b[2J../evil' }),
      /holds/,
    ],
    ['nothing', new Uint8Array(), /not a zip file/],
    ['half an end', Buffer.from('PK\x05\x06'), /not a zip file/],
  ])('with %s is refused', async (_what, zip, why) => {
    expect(await refusal(zip)).toMatch(why);
    expect(await cache.keys()).toEqual([]);
  });

  it('is given up when its import is cancelled', async () => {
    const cancel = new AbortController();
    const work = importBundle(cache, lyingZip({ declares: 1000, packed: packedZeros(64) }), 'x', {
      signal: cancel.signal,
    });
    cancel.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('an image that is inspected in a thread of its own', () => {
  it('says the same about itself as in this one', async () => {
    const image = makeKlipperImage();
    expect(await inspectImageOutside(image)).toEqual(await inspectImage(image));
  });

  it('is refused by the same code and words', async () => {
    const file = Buffer.from('#!/bin/sh\n');
    const here: unknown = await inspectImage(file).catch((error: unknown) => error);
    await expect(inspectImageOutside(file)).rejects.toThrow((here as Error).message);
    await expect(inspectImageOutside(file)).rejects.toMatchObject({ code: 'image/not-an-image' });
    const large = new Uint8Array(64 << 20);
    await expect(inspectImageOutside(large)).rejects.toMatchObject({ code: 'image/not-an-image' });
  });
});
