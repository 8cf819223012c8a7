import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  bundleLicenceName,
  bundleManifestName,
  type BundleManifest,
} from '../../app/updates/bundle-manifest.ts';
import type { FirmwareSource } from '../../app/build/firmware-source.ts';
import { firmwareTargets, type FirmwareTarget } from '../../app/build/recipe.ts';
import { isCanopusError } from '../../app/errors.ts';
import type { ReleaseOrder } from '../../app/updates/release-orders.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { sha256Of } from '../files/hashed-json.ts';
import { bundleFiles, zipBundle } from './cache-bundle.ts';
import type { FirmwareService } from './firmware-service.ts';
import { storeOf } from './source-mirror.ts';

const run = promisify(execFile);

type GitSource = Extract<FirmwareSource, { type: 'git' }>;

export interface ReleaseBundleOptions {
  readonly service: FirmwareService;
  readonly orders: readonly ReleaseOrder[];
  /** Commits that anyone can fetch: a folder of one computer says nothing to others. */
  readonly sources: Readonly<Record<FirmwareTarget, GitSource>>;
  /** Where the files go. */
  readonly folder: string;
  readonly version: string;
  readonly now: Date;
  readonly report: (text: string) => void;
}

/**
 * Builds the images of a release and puts them into `canopus-firmware-VERSION.zip`, with an archive of each firmware's
 * sources beside it. The list in the bundle has no signature yet. Returns the names of the files. Throws what builds
 * throw, and an Error if a source has no licence.
 */
export async function makeReleaseBundle(options: ReleaseBundleOptions): Promise<readonly string[]> {
  const { service, orders, sources, folder, version, now, report } = options;
  const keys: string[] = [];
  const commits = new Map<FirmwareTarget, string>();
  for (const [index, { target, recipe, presetId, isCandidate }] of orders.entries()) {
    report(`${index + 1} of ${orders.length}: ${target} for ${presetId}, ${recipe.mcu}`);
    const order = { target, recipe, presetId, source: sources[target], on: 'local' } as const;
    const built = await service.build(order).catch((error: unknown) => {
      if (!isCandidate || !isCanopusError(error, 'build/not-offered')) throw error;
      report(`left out: ${error.message.split('\n')[0] ?? ''}`);
      return null;
    });
    if (built === null) continue;
    const { record } = built;
    keys.push(record.key);
    const commit = record.build?.source.commit ?? null;
    if (commit !== null) commits.set(target, commit);
  }
  const archives: BundleManifest['sources'][number][] = [];
  let licence = '';
  for (const target of firmwareTargets) {
    const commit = commits.get(target);
    if (commit === undefined) continue;
    const mirror = `${await storeOf(service.machines.local().machine, sources[target].url)}/mirror.git`;
    const archive = `${target}-${commit.slice(0, 12)}-source.tar.gz`;
    const file = join(folder, archive);
    await run('git', [
      '-C',
      mirror,
      'archive',
      `--prefix=${target}-${commit.slice(0, 12)}/`,
      '-o',
      file,
      commit,
    ]);
    archives.push({ target, commit, archive, sha256: await hashOf(file) });
    licence ||= await licenceOf(mirror, commit);
  }
  const files = await bundleFiles(service.cache, keys);
  files[bundleLicenceName] = new TextEncoder().encode(licence);
  const hashes = Object.entries(files).map(([name, bytes]) => [name, sha256Of(bytes)] as const);
  const manifest: BundleManifest = {
    ...{ product: 'canopus-firmware', version, madeAt: now.toISOString() },
    ...{ sources: archives, files: Object.fromEntries(hashes) },
  };
  const list = { manifest: JSON.stringify(manifest), signatures: [] };
  files[bundleManifestName] = new TextEncoder().encode(JSON.stringify(list));
  const name = `canopus-firmware-${version}.zip`;
  await writeFileAtomically(join(folder, name), zipBundle(files));
  return [name, ...archives.map(({ archive }) => archive)];
}

/** Klipper and Katapult keep the GPL's text in COPYING. */
async function licenceOf(mirror: string, commit: string): Promise<string> {
  for (const name of ['COPYING', 'LICENSE']) {
    const read = await run('git', ['-C', mirror, 'show', `${commit}:${name}`]).catch(() => null);
    if (read !== null) return read.stdout;
  }
  throw new Error(`The sources at ${commit} have no licence: firmware may not be passed on without it.`);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
