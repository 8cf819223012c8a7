import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync, zlibSync } from 'fflate';
import { LockFolder } from '../../main/files/lock-folder.ts';
import { importBundle } from '../../main/firmware/cache-bundle.ts';
import { inspectImageOutside } from '../../main/firmware/check-outside.ts';
import { ImageCache } from '../../main/firmware/image-cache.ts';
import { makeKlipperImage } from '../../main/sim/sample-images.ts';
import { lyingZip, packedZeros } from '../fixtures/hostile-zip.ts';
import { costOf, costWords, endCost, mayCost } from './cost-to-others.ts';
import { duration, printTable, type BenchRow } from './table.ts';

/** Files that mean harm, and what they cost the others; see `hostile-pi.bench.ts`. */

const folder = await mkdtemp(join(tmpdir(), 'canopus-bench-'));
const cache = new ImageCache(join(folder, 'cache'), new LockFolder(join(folder, 'locks')));

/** Many files of a whole megabyte, each to be unpacked and hashed. */
function largeBundle(): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  for (let at = 0; at < 240; at++) {
    files[`objects/${String(at).padStart(64, '0')}`] = new Uint8Array(1 << 20).fill(at);
  }
  return zipSync(files, { level: 1 });
}

/** Klipper's start-up code, and after it as many beginnings of a dictionary as a file of 4 MB can hold. */
function imageOfDictionaries(): Uint8Array {
  const image = new Uint8Array(4 << 20);
  image.set(makeKlipperImage().subarray(0, 0x200));
  const packed = zlibSync(Buffer.from(`{"config": ${'{"a":'.repeat(90_000)}`), { level: 9 });
  for (let at = 0x400; at + packed.length < image.length; at += packed.length) image.set(packed, at);
  return image;
}

const works = [
  [
    'a bundle of 2 MB that unpacks to 2 GB',
    (zip: Uint8Array) => importBundle(cache, zip, 'x'),
    lyingZip({ declares: 1000, packed: packedZeros(2048) }),
  ],
  ['a bundle of 240 files of 1 MB', (zip: Uint8Array) => importBundle(cache, zip, 'x'), largeBundle()],
  ['an image of 4 MB of dictionaries', inspectImageOutside, imageOfDictionaries()],
] as const;

const rows: BenchRow[] = [];
for (const [what, work, file] of works) {
  const cost = await costOf(() => work(file));
  const isMet = cost.longestWaitMs < mayCost.waitMs;
  rows.push({
    what: `${what}: \`${cost.code}\` after ${duration(cost.lastedMs)}`,
    measured: costWords(cost),
    aim: `under ${mayCost.waitMs} ms: ${isMet ? 'met' : '**missed**'}`,
  });
}
endCost();
await rm(folder, { recursive: true });
printTable('Files that mean harm, while another window asks for the settings every 20 ms', rows);
