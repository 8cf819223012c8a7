import { throwIfCancelled } from '../../app/cancelled.ts';
import { unzipSync, zipSync } from 'fflate';
import { storedInfoOf } from '../../app/build/image-record.ts';
import type { ImageRecord } from '../../app/build/image-record.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { objectsOf } from './image-cache.ts';
import type { ImageCache } from './image-cache.ts';
import { sha256Of } from '../files/hashed-json.ts';
import { decodeForeignRecord, encodeRecord } from './record-file.ts';

/** A bundle of all images of a busy bench is some tens of MB. */
const maxBundleBytes = 512 << 20;
const maxEntryBytes = 8 << 20;

/**
 * Images with their records, configurations and logs as one zip file (PKWARE APPNOTE): `images/KEY` and
 * `objects/SHA256`, the same files as in the cache. All images, or those with the given keys.
 */
export async function exportBundle(cache: ImageCache, keys: readonly string[] | null): Promise<Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const key of keys ?? (await cache.keys())) {
    const { record } = await cache.require(key);
    files[`images/${key}`] = encodeRecord(record);
    for (const object of objectsOf(record)) {
      const bytes = await cache.objects.read(object);
      if (bytes === null)
        throw new CanopusError('cache/corrupt', `object ${object} of image ${key} is missing`, { key });
      files[`objects/${object}`] = bytes;
    }
  }
  // A fixed date, so that the same images make the same file. 1980 is the earliest that a zip file can hold.
  return zipSync(files, { level: 6, mtime: new Date(1980, 0, 1) });
}

interface ImportReport {
  readonly added: readonly ImageRecord[];
  /** Keys that were already stored. */
  readonly known: readonly string[];
}

/**
 * Imports the images of a bundle. Everything is checked before anything is stored: hashes, records, and the facts in
 * the images against their records. Throws `cache/bad-bundle`.
 */
export async function importBundle(
  cache: ImageCache,
  zip: Uint8Array,
  name: string,
  signal?: AbortSignal,
): Promise<ImportReport> {
  const files = openZip(zip, name);
  const records: ImageRecord[] = [];
  for (const [path, bytes] of files) {
    throwIfCancelled(signal);
    if (path.startsWith('images/')) records.push(await checkRecord(path, bytes, files, name));
    else if (path !== `objects/${sha256Of(bytes)}`) throw bad(name, `${path} is damaged`);
  }
  const added: ImageRecord[] = [];
  const known: string[] = [];
  for (const record of records) {
    if (await cache.get(record.key)) {
      known.push(record.key);
      continue;
    }
    const part = (sha256: string | undefined) =>
      sha256 === undefined ? null : (files.get(`objects/${sha256}`) ?? null);
    const { info, build } = record;
    const parts = { config: part(build?.config), log: part(build?.log) };
    const image = files.get(`objects/${info.sha256}`) ?? new Uint8Array();
    added.push(
      await cache.put({ ...record, importedFrom: record.importedFrom ?? name }, { image, ...parts }, signal),
    );
  }
  return { added, known };
}

function bad(name: string, why: string): CanopusError {
  return new CanopusError('cache/bad-bundle', `${name} is not a valid bundle: ${why}`, { name, why });
}

function openZip(zip: Uint8Array, name: string): Map<string, Uint8Array> {
  let total = 0;
  try {
    const files = unzipSync(zip, {
      filter: (file) => {
        if (!/^(?:images|objects)\/[0-9a-f]{64}$/.test(file.name))
          throw bad(name, `it holds ${file.name.slice(0, 80)}`);
        total += file.originalSize;
        if (file.originalSize > maxEntryBytes || total > maxBundleBytes) throw bad(name, 'it is too large');
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (error) {
    if (isCanopusError(error)) throw error;
    throw bad(name, `it cannot be unpacked (${error instanceof Error ? error.message : String(error)})`);
  }
}

async function checkRecord(
  path: string,
  bytes: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
): Promise<ImageRecord> {
  const read = decodeForeignRecord(bytes, path.slice('images/'.length));
  if ('damaged' in read) throw bad(name, `the record ${path} cannot be used: ${read.damaged}`);
  const { record } = read;
  for (const object of objectsOf(record)) {
    if (!files.has(`objects/${object}`)) throw bad(name, `${path} names an object that is not there`);
  }
  const image = files.get(`objects/${record.info.sha256}`) ?? new Uint8Array();
  const info = await inspectImage(image).catch((error: unknown) => {
    throw bad(name, `${path}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const told = storedInfoOf(info);
  // A newer inspector may find more facts in an image than the one that wrote the record, but never different ones.
  for (const field of ['kind', 'mcu', 'applicationAddress', 'launchAddress', 'version', 'size'] as const) {
    if (told[field] === record.info[field]) continue;
    throw bad(name, `${path} says ${field} ${record.info[field]}, its image ${told[field]}`);
  }
  if (told.truncation !== null) throw bad(name, `${path}: its image is cut short: ${told.truncation}`);
  return { ...record, info: told };
}
