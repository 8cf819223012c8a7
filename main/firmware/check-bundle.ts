import { storedInfoOf, type ImageRecord } from '../../app/build/image-record.ts';
import { CanopusError } from '../../app/errors.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { sha256Of } from '../files/hashed-json.ts';
import { objectsOf } from './image-cache.ts';
import { decodeForeignRecord } from './record-file.ts';
import { zipEntries, ZipRefused, type ZipLimits } from '../files/zip-entries.ts';

/** A bundle of all images of a busy bench is some tens of MB. */
export const bundleLimits: ZipLimits = { entries: 20_000, entryBytes: 8 << 20, totalBytes: 256 << 20 };

/** A bundle in which every hash, every record and every image was checked. */
export interface CheckedBundle {
  readonly records: readonly ImageRecord[];
  /** By name: `images/KEY`, `objects/SHA256`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Unpacks a bundle and checks all of it: hashes, records, and the facts in the images against their records. Costs
 * seconds for a large bundle, so it runs in a thread of its own. Throws `cache/bad-bundle`.
 */
export async function checkBundle(zip: Uint8Array, name: string): Promise<CheckedBundle> {
  const files = new Map<string, Uint8Array>();
  try {
    const takes = (file: string): boolean => /^(?:images|objects)\/[0-9a-f]{64}$/.test(file);
    for (const entry of zipEntries(zip, bundleLimits, takes)) files.set(entry.name, entry.bytes);
  } catch (error) {
    if (error instanceof ZipRefused) throw bad(name, error.message);
    throw error;
  }
  const records: ImageRecord[] = [];
  for (const [path, bytes] of files) {
    if (path.startsWith('images/')) records.push(await checkRecord(path, bytes, files, name));
    else if (path !== `objects/${sha256Of(bytes)}`) throw bad(name, `${path} is damaged`);
  }
  return { records, files };
}

function bad(name: string, why: string): CanopusError {
  return new CanopusError('cache/bad-bundle', `${name} is not a valid bundle: ${why}`, { name, why });
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
