import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manifestContext } from '../../../app/updates/manifest.ts';
import { signedBytes } from '../../../app/updates/signed-text.ts';
import { JsonStore } from '../../../main/files/json-store.ts';
import { manifestName, seenFormat, SignedUpdates } from '../../../main/updates/signed-updates.ts';
import { startHttpsServer, type HttpsServer } from './https-server.ts';

const release = generateKeyPairSync('ed25519');
const forger = generateKeyPairSync('ed25519');
const key = release.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
const target = 'linux-x64-AppImage';
const never = new AbortController().signal;
const nowMs = Date.parse('2026-11-30T00:00:00Z');

let folder: string;
let server: HttpsServer;
/** What the server has, by path. */
let files: Map<string, Uint8Array | ((response: ServerResponse) => void)>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-updates-'));
  files = new Map();
  server = await startHttpsServer(folder, (request, response) => {
    const file = files.get(request.url ?? '');
    if (file === undefined) response.writeHead(404).end();
    else if (typeof file === 'function') file(response);
    else response.end(file);
  });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Offer {
  readonly version?: string;
  readonly issuedAt?: string;
  readonly expiresAt?: string;
  readonly by?: typeof release;
  readonly content?: Uint8Array;
}

/** Puts a release on the server and returns the bytes of its list of versions. */
function offer({
  version = '0.3.0',
  by = release,
  content = randomBytes(100_000),
  ...times
}: Offer = {}): Uint8Array {
  const name = `canopus-${version}.AppImage`;
  const sha512 = createHash('sha512').update(content).digest('hex');
  const manifest = JSON.stringify({
    product: 'canopus',
    version,
    issuedAt: times.issuedAt ?? '2026-11-01T00:00:00Z',
    expiresAt: times.expiresAt ?? '2027-01-01T00:00:00Z',
    packages: [{ target, name, size: content.length, sha512 }],
  });
  const signature = sign(null, signedBytes(manifestContext, manifest), by.privateKey).toString('hex');
  const bytes = Buffer.from(JSON.stringify({ manifest, signatures: [{ key, signature }] }));
  files.set(`/${manifestName}`, bytes);
  files.set(`/${name}`, content);
  return bytes;
}

async function updates(url = server.url): Promise<SignedUpdates> {
  const seen = await JsonStore.open({
    ...{ path: join(folder, 'updates.json'), format: seenFormat },
    report: (error) => {
      throw error;
    },
  });
  return new SignedUpdates({
    ...{ source: { url, keys: [key] }, target, current: '0.2.0', seen, ca: server.ca },
    ...{ folder: join(folder, 'downloads'), now: () => nowMs },
  });
}

const downloads = (): Promise<string[]> => readdir(join(folder, 'downloads')).catch(() => []);
const find = async (): Promise<string | null> => (await (await updates()).find(never))?.version ?? null;

/** Finds and downloads; returns the file. */
async function download(): Promise<string> {
  const channel = await updates();
  const newer = await channel.find(never);
  if (newer === null) throw new Error('nothing newer');
  return channel.download(newer, { signal: never, onProgress: () => undefined });
}

describe('a release on an https server', () => {
  it('is found, downloaded whole, and still the same when it is started', async () => {
    const content = randomBytes(300_000);
    offer({ content });
    const channel = await updates();
    const newer = await channel.find(never);
    if (newer === null) throw new Error('nothing newer');
    const percents: number[] = [];
    const path = await channel.download(newer, {
      signal: never,
      onProgress: (percent) => percents.push(percent),
    });
    expect(await readFile(path)).toEqual(content);
    expect(percents.at(-1)).toBe(100);
    await channel.requireUnchanged(path, newer);
    await writeFile(path, randomBytes(300_000));
    await expect(channel.requireUnchanged(path, newer)).rejects.toMatchObject({ code: 'update/damaged' });
  });

  it('that another key signed is refused', async () => {
    offer({ by: forger });
    await expect(find()).rejects.toMatchObject({ code: 'update/not-genuine' });
  });

  it('whose list is cut is refused', async () => {
    const whole = offer();
    for (const length of [0, 1, whole.length >> 1, whole.length - 1]) {
      files.set(`/${manifestName}`, whole.subarray(0, length));
      await expect(find()).rejects.toMatchObject({ code: 'update/not-genuine' });
    }
  });

  it('whose list never ends is refused after its limit', async () => {
    files.set(`/${manifestName}`, (response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(64 * 1024)));
        response.once('drain', more);
      };
      more();
    });
    await expect(find()).rejects.toMatchObject({ code: 'update/not-genuine' });
  });

  it('is refused if an older list is replayed after a newer one, also by a new start', async () => {
    const old = offer({ version: '0.3.0', issuedAt: '2026-11-01T00:00:00Z' });
    offer({ version: '0.4.0', issuedAt: '2026-11-10T00:00:00Z' });
    expect(await find()).toBe('0.4.0');
    files.set(`/${manifestName}`, old);
    await expect(find()).rejects.toMatchObject({ code: 'update/stale' });
  });

  it('older than what runs is never offered', async () => {
    offer({ version: '0.1.0' });
    expect(await find()).toBeNull();
  });

  it('whose list has expired is refused', async () => {
    offer({ expiresAt: '2026-11-29T23:59:59Z' });
    await expect(find()).rejects.toMatchObject({ code: 'update/stale' });
  });

  it.each([
    ['cut', (content: Buffer) => content.subarray(0, -1)],
    ['longer', (content: Buffer) => Buffer.concat([content, Buffer.alloc(1)])],
    ['changed', (content: Buffer) => Buffer.from(content.map((byte, at) => (at === 500 ? byte ^ 1 : byte)))],
  ])('whose package is %s is not kept', async (_, change) => {
    const content = randomBytes(100_000);
    offer({ content });
    files.set('/canopus-0.3.0.AppImage', change(content));
    await expect(download()).rejects.toMatchObject({ code: 'update/damaged' });
    expect(await downloads()).toEqual([]);
  });

  it('whose connection breaks in the middle leaves nothing', async () => {
    offer();
    files.set('/canopus-0.3.0.AppImage', (response) => {
      response.writeHead(200, { 'content-length': 100_000 });
      response.write(Buffer.alloc(50_000), () => response.destroy());
    });
    await expect(download()).rejects.toMatchObject({ code: 'update/unreachable' });
    expect(await downloads()).toEqual([]);
  });

  it('is not followed out of https', async () => {
    files.set(`/${manifestName}`, (response) =>
      response.writeHead(302, { location: 'http://localhost/x' }).end(),
    );
    await expect(find()).rejects.toMatchObject({ code: 'update/unreachable' });
  });

  it('is not asked of a server whose certificate is not trusted', async () => {
    offer();
    const seen = await JsonStore.open({
      ...{ path: join(folder, 'updates.json'), format: seenFormat, report: () => undefined },
    });
    const channel = new SignedUpdates({
      ...{ source: { url: server.url, keys: [key] }, target, current: '0.2.0', seen },
      ...{ folder: join(folder, 'downloads'), now: () => nowMs },
    });
    await expect(channel.find(never)).rejects.toMatchObject({ code: 'update/unreachable' });
  });

  it('is given up when a person switches updates off', async () => {
    offer();
    const stop = new AbortController();
    files.set('/canopus-0.3.0.AppImage', (response) => {
      response.write(Buffer.alloc(1000), () => stop.abort());
    });
    const channel = await updates();
    const newer = await channel.find(never);
    if (newer === null) throw new Error('nothing newer');
    await expect(
      channel.download(newer, { signal: stop.signal, onProgress: () => undefined }),
    ).rejects.toThrow();
    expect(await downloads()).toEqual([]);
  });
});
