import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bundleContext,
  bundleLicenceName,
  bundleManifestName,
} from '../../../app/updates/bundle-manifest.ts';
import { signedBytes } from '../../../app/updates/signed-text.ts';
import { sha256Of } from '../../../main/files/hashed-json.ts';
import { LockFolder } from '../../../main/files/lock-folder.ts';
import { exportBundle, importBundle } from '../../../main/firmware/cache-bundle.ts';
import { ImageCache } from '../../../main/firmware/image-cache.ts';
import { codeOfRejection } from '../../error-code.ts';
import { sample } from './sample-record.ts';

const makers = generateKeyPairSync('ed25519');
const others = generateKeyPairSync('ed25519');
const keyOf = ({ publicKey }: typeof makers): string =>
  publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
const keys = [keyOf(makers)];

let folder: string;
let here: ImageCache;
let there: ImageCache;
let files: Record<string, Uint8Array>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-signed-bundle-'));
  here = new ImageCache(join(folder, 'here'), new LockFolder(join(folder, 'here/locks')));
  there = new ImageCache(join(folder, 'there'), new LockFolder(join(folder, 'there/locks')));
  for (const { record, parts } of await Promise.all([sample(1), sample(2)])) await here.put(record, parts);
  files = unzipSync(await exportBundle(here, null));
  files[bundleLicenceName] = new TextEncoder().encode('GNU GENERAL PUBLIC LICENSE ...');
});
afterEach(() => rm(folder, { recursive: true }));

interface Signature {
  readonly by?: typeof makers;
  readonly named?: string;
  readonly context?: string;
}

function manifestOf(entries: Readonly<Record<string, Uint8Array>>): string {
  const hashes = Object.entries(entries).map(([name, bytes]) => [name, sha256Of(bytes)]);
  const facts = {
    product: 'canopus-firmware',
    version: '0.9.0',
    madeAt: '2026-12-01T00:00:00Z',
    sources: [],
  };
  return JSON.stringify({ ...facts, files: Object.fromEntries(hashes) as object });
}

function signedList(
  manifest: string,
  { by = makers, named = keyOf(by), context = bundleContext }: Signature = {},
) {
  const signature = sign(null, signedBytes(context, manifest), by.privateKey).toString('hex');
  return new TextEncoder().encode(JSON.stringify({ manifest, signatures: [{ key: named, signature }] }));
}

const take = (entries: Readonly<Record<string, Uint8Array>>) =>
  importBundle(there, zipSync(entries), 'canopus-firmware-0.9.0.zip', { keys });

describe('a bundle that the makers of this program published', () => {
  it('is known by its signature, and its images are stored', async () => {
    const report = await take({ ...files, [bundleManifestName]: signedList(manifestOf(files)) });
    expect(report.signer).toBe('known');
    expect(report.added).toHaveLength(2);
    expect(await there.keys()).toHaveLength(2);
  });

  it.each<[string, (entries: Record<string, Uint8Array>) => void]>([
    [
      'an image more',
      (entries) => {
        const bytes = new TextEncoder().encode('more');
        entries[`objects/${sha256Of(bytes)}`] = bytes;
      },
    ],
    ['another licence', (entries) => (entries[bundleLicenceName] = new TextEncoder().encode('mine'))],
    ['an image less', (entries) => Reflect.deleteProperty(entries, Object.keys(entries)[0]!)],
  ])('and that has %s now is refused whole', async (_what, edit) => {
    const list = signedList(manifestOf(files));
    edit(files);
    expect(await codeOfRejection(take({ ...files, [bundleManifestName]: list }))).toBe('cache/forged-bundle');
    expect(await there.keys()).toEqual([]);
  });

  it.each<[string, Signature]>([
    ['of another in their name', { by: others, named: keyOf(makers) }],
    ['that they made for something else', { context: 'canopus update manifest 1\n' }],
  ])('is not one with a signature %s', async (_what, signature) => {
    const list = signedList(manifestOf(files), signature);
    expect(await codeOfRejection(take({ ...files, [bundleManifestName]: list }))).toBe('cache/forged-bundle');
    expect(await there.keys()).toEqual([]);
  });
});

describe('a bundle of someone else', () => {
  it('is imported, and said to be signed by others', async () => {
    const list = signedList(manifestOf(files), { by: others });
    expect((await take({ ...files, [bundleManifestName]: list })).signer).toBe('unknown');
  });

  it('is imported without a signature, which is said', async () => {
    expect((await take(files)).signer).toBe('none');
  });

  it.each<[string, Uint8Array]>([
    ['no JSON', new TextEncoder().encode('{')],
    ['no list', signedList('{}', { by: others })],
    ['nothing', new Uint8Array()],
  ])('is refused if its list is %s', async (_what, list) => {
    expect(await codeOfRejection(take({ ...files, [bundleManifestName]: list }))).toBe('cache/bad-bundle');
  });
});
