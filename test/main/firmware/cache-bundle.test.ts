import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportBundle, importBundle } from '../../../main/firmware/cache-bundle.ts';
import { ImageCache } from '../../../main/firmware/image-cache.ts';
import { LockFolder } from '../../../main/files/lock-folder.ts';
import { encodeRecord } from '../../../main/firmware/record-file.ts';
import { sha256Of } from '../../../main/files/hashed-json.ts';
import { codeOfRejection } from '../../error-code.ts';
import { sample } from './sample-record.ts';
import { cases } from '../../counts.ts';

let folder: string;
let here: ImageCache;
let there: ImageCache;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-bundle-'));
  here = new ImageCache(join(folder, 'here'), new LockFolder(join(folder, 'here/locks')));
  there = new ImageCache(join(folder, 'there'), new LockFolder(join(folder, 'there/locks')));
});
afterEach(() => rm(folder, { recursive: true }));

async function fill(...seeds: number[]) {
  const made = await Promise.all(seeds.map(sample));
  for (const { record, parts } of made) await here.put(record, parts);
  return made;
}

/** The bundle of one image, changed by `edit`. */
async function spoiled(edit: (files: Map<string, Uint8Array>) => void): Promise<Uint8Array> {
  await fill(1);
  const files = new Map(Object.entries(unzipSync(await exportBundle(here, null))));
  edit(files);
  return zipSync(Object.fromEntries(files));
}

/** The first file that begins so, and is at least so long. */
function pick(files: ReadonlyMap<string, Uint8Array>, prefix: string, bytes = 0): [string, Uint8Array] {
  return [...files].find(([path, content]) => path.startsWith(prefix) && content.length >= bytes)!;
}

describe('a bundle of images', () => {
  it('carries images with records, configurations and logs to another cache', async () => {
    const made = await fill(1, 2);
    const report = await importBundle(there, await exportBundle(here, null), 'bench.zip');
    expect(report.added).toHaveLength(2);
    for (const { record, parts } of made) {
      const found = await there.require(record.key);
      expect(found.record).toEqual({ ...record, importedFrom: 'bench.zip' });
      expect(Buffer.compare(found.bytes, parts.image)).toBe(0);
      expect(await there.objects.read(record.build!.config)).toEqual(Buffer.from(parts.config!));
    }
  });

  it('holds the chosen images only, and is the same file each time', async () => {
    const [first, second] = await fill(1, 2);
    const zip = await exportBundle(here, [second!.record.key]);
    expect(await exportBundle(here, [second!.record.key])).toEqual(zip);
    expect((await importBundle(there, zip, 'x')).added.map(({ key }) => key)).toEqual([second!.record.key]);
    expect(await there.get(first!.record.key)).toBeNull();
    expect(await codeOfRejection(exportBundle(here, ['0'.repeat(64)]))).toBe('cache/unknown-image');
  });

  it('brings nothing new to a cache that has it', async () => {
    await fill(1);
    const report = await importBundle(here, await exportBundle(here, null), 'x');
    expect(report.added).toEqual([]);
    expect(report.known).toHaveLength(1);
  });

  it.each<[string, (files: Map<string, Uint8Array>) => void]>([
    ['a flipped byte in the image', (files) => (pick(files, 'objects/', 40_000)[1][5]! ^= 1)],
    ['a missing object', (files) => files.delete(pick(files, 'objects/')[0])],
    ['a changed record', (files) => (pick(files, 'images/')[1][200]! ^= 1)],
    ['a path out of the cache', (files) => files.set('../../evil', new Uint8Array(3))],
    ['another file', (files) => files.set('readme.txt', new Uint8Array(3))],
    ['an object under a wrong name', (files) => files.set(`objects/${'0'.repeat(64)}`, new Uint8Array(3))],
  ])('with %s is refused whole', async (_what, edit) => {
    const zip = await spoiled(edit);
    expect(await codeOfRejection(importBundle(there, zip, 'x'))).toBe('cache/bad-bundle');
    expect(await there.keys()).toEqual([]);
  });

  it('that says other things of an image than the image does is refused', async () => {
    const { record, parts } = await sample(1);
    const lie = { ...record, info: { ...record.info, mcu: 'stm32f407xx' } };
    const zip = zipSync({
      [`images/${lie.key}`]: encodeRecord(lie),
      [`objects/${lie.info.sha256}`]: parts.image,
      [`objects/${sha256Of(parts.config!)}`]: parts.config!,
      [`objects/${sha256Of(parts.log!)}`]: parts.log!,
    });
    await expect(importBundle(there, zip, 'x')).rejects.toMatchObject({ code: 'cache/bad-bundle' });
    await expect(importBundle(there, zip, 'x')).rejects.toThrow(
      /says mcu stm32f407xx, its image stm32f446xx/,
    );
  });

  it('cut or changed anywhere never leaves anything in the cache but whole images', async () => {
    await fill(1);
    const zip = await exportBundle(here, null);
    await fc.assert(
      fc.asyncProperty(
        fc.record({ cut: fc.nat(zip.length), at: fc.nat(zip.length - 1), bit: fc.nat(7) }),
        async ({ cut, at, bit }) => {
          const damaged = zip.slice(0, cut);
          if (at < cut) damaged[at]! ^= 1 << bit;
          const code = await codeOfRejection(importBundle(there, damaged, 'x'));
          expect(['cache/bad-bundle', 'no error']).toContain(code);
          for (const key of await there.keys()) expect(await there.get(key)).not.toBeNull();
        },
      ),
      { numRuns: cases(200, 50) },
    );
  });
});
