import {
  bundleContext,
  bundleLicenceName,
  bundleManifestName,
  differenceOf,
  readBundleManifest,
} from '../../app/updates/bundle-manifest.ts';
import { storedInfoOf, type ImageRecord } from '../../app/build/image-record.ts';
import { CanopusError } from '../../app/errors.ts';
import { readSignedText } from '../../app/updates/signed-text.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { sha256Of } from '../files/hashed-json.ts';
import { objectsOf } from './image-cache.ts';
import { decodeForeignRecord } from './record-file.ts';
import { verifyEd25519 } from '../updates/ed25519.ts';
import { zipEntries, ZipRefused, type ZipLimits } from '../files/zip-entries.ts';

/** A bundle of all images of a busy bench is some tens of MB. */
export const bundleLimits: ZipLimits = { entries: 20_000, entryBytes: 8 << 20, totalBytes: 256 << 20 };

const entryPattern = /^(?:images|objects)\/[0-9a-f]{64}$/;

/** A bundle in which every hash, every record and every image was checked. */
export interface CheckedBundle {
  readonly records: readonly ImageRecord[];
  /** By name: `images/KEY`, `objects/SHA256`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly signer: BundleSigner;
}

/** Whose signature a bundle has: one that this program knows, another one, or none. */
export type BundleSigner = 'known' | 'unknown' | 'none';

/**
 * Unpacks a bundle and checks all of it: hashes, records, and the facts in the images against their records. Costs
 * seconds for a large bundle, so it runs in a thread of its own. `keys` are those of the makers of this program, as hex.
 * Throws `cache/bad-bundle`, `cache/forged-bundle`.
 */
export async function checkBundle(
  zip: Uint8Array,
  name: string,
  keys: readonly string[],
): Promise<CheckedBundle> {
  const files = new Map<string, Uint8Array>();
  try {
    const takes = (file: string): boolean =>
      entryPattern.test(file) || file === bundleManifestName || file === bundleLicenceName;
    for (const entry of zipEntries(zip, bundleLimits, takes)) files.set(entry.name, entry.bytes);
  } catch (error) {
    if (error instanceof ZipRefused) throw bad(name, error.message);
    throw error;
  }
  const signer = signerOf(files, name, keys);
  files.delete(bundleManifestName);
  files.delete(bundleLicenceName);
  const records: ImageRecord[] = [];
  for (const [path, bytes] of files) {
    if (path.startsWith('images/')) records.push(await checkRecord(path, bytes, files, name));
    else if (path !== `objects/${sha256Of(bytes)}`) throw bad(name, `${path} is damaged`);
  }
  return { records, files, signer };
}

/** A manifest is believed only with a right signature; every file must then be one that it lists. */
function signerOf(
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
  keys: readonly string[],
): BundleSigner {
  const file = files.get(bundleManifestName);
  if (file === undefined) return 'none';
  const signed = readSignedText(file, { context: bundleContext, keys, verify: verifyEd25519 });
  if (signed === null) throw bad(name, `${bundleManifestName} cannot be read`);
  if (signed.signer === 'forged') throw forged(name, 'its signature is not theirs');
  const manifest = readBundleManifest(signed.text);
  if (manifest === null) throw bad(name, `what ${bundleManifestName} signs has another form`);
  const hashes = new Map<string, string>();
  for (const [path, bytes] of files) if (path !== bundleManifestName) hashes.set(path, sha256Of(bytes));
  const difference = differenceOf(manifest, hashes);
  if (difference === null) return signed.signer;
  throw signed.signer === 'known' ? forged(name, difference) : bad(name, difference);
}

function forged(name: string, why: string): CanopusError {
  const message = `${name} says that it is from the makers of Canopus, but ${why}.`;
  return new CanopusError('cache/forged-bundle', message, { name, why });
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
