import { generateKeyPairSync } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releaseOrders } from '../../../app/updates/release-orders.ts';
import { importBundle } from '../../../main/firmware/cache-bundle.ts';
import { makeReleaseBundle } from '../../../main/firmware/release-bundle.ts';
import { loadPresets } from '../../../main/presets.ts';
import { openBench, type Bench } from './bench.ts';
import { makeSourceTree } from './source-tree.ts';

const run = promisify(execFile);
const script: string = fileURLToPath(new URL('../../../resources/setup/release.mjs', import.meta.url));
const { completeRelease } = (await import(script)) as {
  readonly completeRelease: (options: object) => Promise<string[]>;
};
const version = '0.9.0';
const now = new Date('2026-12-01T00:00:00Z');
const keys = generateKeyPairSync('ed25519');
const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');

let bench: Bench;
let dist: string;
let files: readonly string[];
let commit: string;

beforeAll(async () => {
  bench = await openBench();
  dist = join(bench.folder, 'dist');
  await mkdir(dist);
  const trees = {
    katapult: await makeSourceTree(join(bench.folder, 'katapult'), 'katapult'),
    klipper: await makeSourceTree(join(bench.folder, 'klipper'), 'klipper'),
  };
  for (const tree of Object.values(trees)) {
    await tree.write('COPYING', 'GNU GENERAL PUBLIC LICENSE, as a stand-in');
    await tree.commitAll('Add the licence');
  }
  commit = await trees.klipper.git('rev-parse', 'HEAD');
  const source = async (target: keyof typeof trees) =>
    ({
      type: 'git',
      url: `file://${trees[target].path}`,
      ref: await trees[target].git('rev-parse', 'HEAD'),
    }) as const;
  // The stand-in for the sources knows the F4.
  const presets = (await loadPresets())
    .filter(({ id }) => id === 'btt-octopus')
    .map((preset) => ({
      ...preset,
      variants: preset.variants.filter(({ mcu }) => mcu.value.startsWith('stm32f4')),
    }));
  files = await makeReleaseBundle({
    ...{ service: bench.service(), folder: dist, version, now, report: () => undefined },
    orders: releaseOrders(presets),
    sources: { katapult: await source('katapult'), klipper: await source('klipper') },
  });
  await writeFile(join(dist, `canopus-${version}-linux-x86_64.AppImage`), 'a package');
  await writeFile(join(bench.folder, 'key.pem'), keys.privateKey.export({ format: 'pem', type: 'pkcs8' }));
}, 300_000);
afterAll(() => bench[Symbol.asyncDispose]());

const complete = () =>
  completeRelease({
    ...{ folder: dist, version, now, days: 90, components: [], keyFile: join(bench.folder, 'key.pem') },
    changelog: `# Changelog\n\n## ${version} - 2026-12-01\n\n- A thing.\n`,
  });
const bundle = () => readFile(join(dist, `canopus-firmware-${version}.zip`));

describe('the firmware of a release', () => {
  it('is one bundle with the sources of both firmwares beside it', async () => {
    expect(files).toEqual([
      `canopus-firmware-${version}.zip`,
      expect.stringMatching(/^katapult-[0-9a-f]{12}-source\.tar\.gz$/) as string,
      `klipper-${commit.slice(0, 12)}-source.tar.gz`,
    ]);
    const { stdout } = await run('tar', ['-tzf', join(dist, files[2] ?? '')]);
    expect(stdout).toContain(`klipper-${commit.slice(0, 12)}/COPYING`);
  });

  it('is signed with the rest, and a station knows it then and stores every image', async () => {
    const other = bench.service({ cacheFolder: join(bench.folder, 'other') });
    expect((await importBundle(other.cache, await bundle(), 'x', { keys: [publicKey] })).signer).toBe(
      'unknown',
    );
    await rm(join(bench.folder, 'other'), { recursive: true });
    await complete();
    const sums = await readFile(join(dist, 'SHA256SUMS'), 'utf8');
    for (const file of files) expect(sums).toContain(`  ${file}\n`);
    const report = await importBundle(other.cache, await bundle(), 'x', { keys: [publicKey] });
    expect(report.signer).toBe('known');
    // A Katapult and a Klipper for each of the three chips, and the Katapults of the crystal search.
    const kinds = report.added.map(
      ({ build }) => `${build?.target} ${build?.recipe.mcu} ${build?.recipe.crystalHz}`,
    );
    expect(kinds).toContain('klipper stm32f446xx 12000000');
    expect(kinds).toContain('katapult stm32f446xx 8000000');
    for (const { build } of report.added) expect(build?.source.dirty).toBe(false);
  });

  it('is not published without its sources', async () => {
    await rm(join(dist, files[1] ?? ''));
    await expect(complete()).rejects.toThrow(/source.tar.gz is missing/);
  });
});
