import { throwIfCancelled } from '../../app/cancelled.ts';
import { zipSync } from 'fflate';
import type { ImageRecord } from '../../app/build/image-record.ts';
import { CanopusError } from '../../app/errors.ts';
import { objectsOf } from './image-cache.ts';
import type { ImageCache } from './image-cache.ts';
import { checkBundleOutside } from './check-outside.ts';
import { releaseKeys } from '../release-keys.ts';
import type { BundleSigner } from './check-bundle.ts';
import { encodeRecord } from './record-file.ts';

/** Images with their records, configurations and logs as one zip file; all images, or those with the given keys. */
export async function exportBundle(cache: ImageCache, keys: readonly string[] | null): Promise<Uint8Array> {
  return zipBundle(await bundleFiles(cache, keys));
}

/** What a bundle holds, the same files as in the cache: `images/KEY` and `objects/SHA256`. */
export async function bundleFiles(
  cache: ImageCache,
  keys: readonly string[] | null,
): Promise<Record<string, Uint8Array>> {
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
  return files;
}

/** A zip file (PKWARE APPNOTE) with a fixed date, so that the same files make the same one. 1980 is its earliest. */
export function zipBundle(files: Record<string, Uint8Array>): Uint8Array {
  return zipSync(files, { level: 6, mtime: new Date(1980, 0, 1) });
}

interface ImportReport {
  readonly added: readonly ImageRecord[];
  /** Keys that were already stored. */
  readonly known: readonly string[];
  readonly signer: BundleSigner;
}

interface ImportOptions {
  /** Public keys by which a bundle may be signed, as hex; those in this program unless a test has its own. */
  readonly keys?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Imports the images of a bundle. Everything is checked before anything is stored: hashes, records, and the facts in
 * the images against their records, and the signature if it has one. Throws `cache/bad-bundle`, `cache/forged-bundle`.
 */
export async function importBundle(
  cache: ImageCache,
  zip: Uint8Array,
  name: string,
  { keys = releaseKeys, signal }: ImportOptions = {},
): Promise<ImportReport> {
  const { records, files, signer } = await checkBundleOutside(zip, name, { keys, signal });
  throwIfCancelled(signal);
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
  return { added, known, signer };
}
