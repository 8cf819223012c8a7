import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonStore } from '../../../main/files/json-store.ts';
import { seenFormat, SignedUpdates } from '../../../main/updates/signed-updates.ts';
import { startHttpsServer } from './https-server.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
// Checked by the compiler with the other scripts of resources/, which the tests cannot see.
const script: string = join(root, 'resources', 'setup', 'release.mjs');

interface Release {
  readonly targetOf: (name: string, version: string) => string | null;
  readonly notesOf: (changelog: string, version: string) => string;
  readonly completeRelease: (options: object) => Promise<string[]>;
}

const { targetOf, notesOf, completeRelease } = (await import(script)) as Release;
const changelog =
  '# Changelog\n\n## Unreleased\n\n## 0.9.0 - 2026-12-01\n\n### Added\n\n- A thing.\n\n## 0.8.0\n';
const components = [
  ...[
    { name: 'zod', version: '4.6.7', licence: 'MIT', text: '', parts: ['window'], purl: 'pkg:npm/zod@4.6.7' },
  ],
];
const now = new Date('2026-12-01T00:00:00Z');
const appImage = randomBytes(50_000);

let work: string;
let folder: string;
let keyFile: string;
const keys = generateKeyPairSync('ed25519');
const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'canopus-release-'));
  folder = join(work, 'dist');
  keyFile = join(work, 'key.pem');
  await mkdir(folder);
  await writeFile(keyFile, keys.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  await writeFile(join(folder, 'canopus-0.9.0-linux-x86_64.AppImage'), appImage);
  await writeFile(join(folder, 'canopus-0.9.0-win-arm64.exe'), 'installer');
  await writeFile(join(folder, 'builder-debug.yml'), 'not for others');
});
afterAll(() => rm(work, { recursive: true, force: true }));

const complete = (options: object = {}): Promise<string[]> =>
  completeRelease({ folder, version: '0.9.0', changelog, now, days: 90, keyFile, components, ...options });

describe('a release', () => {
  it('is signed so that a station takes it from an https server', async () => {
    await complete();
    await using server = await startHttpsServer(work, (request, response) => {
      readFile(join(folder, request.url ?? '')).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    const path = join(work, 'updates.json');
    const seen = await JsonStore.open({ path, format: seenFormat, report: () => undefined });
    const updates = new SignedUpdates({
      ...{
        source: { url: server.url, keys: [publicKey] },
        target: 'linux-x64-AppImage',
        current: '0.8.0',
        seen,
      },
      ...{ folder: join(work, 'downloads'), now: () => now.getTime() + 1, ca: server.ca },
    });
    const { signal } = new AbortController();
    const newer = await updates.find(signal);
    expect(newer?.version).toBe('0.9.0');
    if (newer === null) return;
    const file = await updates.download(newer, { signal, onProgress: () => undefined });
    expect(await readFile(file)).toEqual(appImage);
  });

  it('has checksums that sha256sum confirms, bills of materials, notes and the source of libusb', async () => {
    const written = await complete();
    await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder });
    expect(await readFile(join(folder, 'RELEASE-NOTES.md'), 'utf8')).toBe('### Added\n\n- A thing.\n');
    const sbom = JSON.parse(
      await readFile(join(folder, 'canopus-0.9.0-win-arm64.exe.cdx.json'), 'utf8'),
    ) as object;
    expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', components: [{ purl: 'pkg:npm/zod@4.6.7' }] });
    const { stdout } = await run('tar', ['-tzf', join(folder, 'canopus-0.9.0-libusb-source.tar.gz')]);
    for (const name of ['libusb/COPYING', 'libusb/libusb/core.c', 'binding.gyp'])
      expect(stdout).toContain(name);
    expect(written).not.toContain('builder-debug.yml');
  });

  it('without a key has no list of versions', async () => {
    await rm(join(folder, 'canopus-update.json'));
    expect(await complete({ keyFile: null })).not.toContain('canopus-update.json');
  });

  it('is refused with a key in the repository, of another kind, without packages or without notes', async () => {
    const inside = join(root, 'out', 'test-key.pem');
    await expect(complete({ keyFile: inside })).rejects.toThrow('must not be in the repository');
    const rsa = join(work, 'rsa.pem');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await writeFile(rsa, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await expect(complete({ keyFile: rsa })).rejects.toThrow('Ed25519');
    await expect(complete({ version: '0.8.0' })).rejects.toThrow('no package of 0.8.0');
    await expect(complete({ version: '1.0.0' })).rejects.toThrow('no part "## 1.0.0"');
    expect(() => notesOf(changelog, '0.9')).toThrow();
  });

  it.each([
    ['canopus-0.9.0-linux-x86_64.AppImage', 'linux-x64-AppImage'],
    ['canopus-0.9.0-linux-amd64.deb', 'linux-x64-deb'],
    ['canopus-0.9.0-linux-aarch64.rpm', 'linux-arm64-rpm'],
    ['canopus-0.9.0-win-x64.exe', 'win32-x64-nsis'],
    ['canopus-0.9.0-mac-arm64.dmg', 'darwin-arm64-dmg'],
    ['canopus-0.9.0-mac-arm64.zip', null],
    ['canopus-0.8.0-mac-arm64.dmg', null],
    ['canopus-0.9.0-linux-x86_64.AppImage.cdx.json', null],
  ])('%s is for %s', (name, target) => {
    expect(targetOf(name, '0.9.0')).toBe(target);
  });
});
