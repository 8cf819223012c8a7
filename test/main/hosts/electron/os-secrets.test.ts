import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSecrets } from '../../../../main/hosts/electron/os-secrets.ts';
import type { SecretStore } from '../../../../main/pi/secret-store.ts';
import { SafeStorageStandIn } from './electron-stand-in.ts';

const name = 'password pi@mainsailos.local';

let folder: string;
let safeStorage: SafeStorageStandIn;
let logged: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-secrets-'));
  safeStorage = new SafeStorageStandIn();
  logged = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function open(platform: NodeJS.Platform = 'linux'): Promise<SecretStore> {
  const write = (_: object, message: string): void => void logged.push(message);
  const log = { info: write, warn: write, error: write };
  const store = openSecrets({ safeStorage, folder, platform, log });
  await store.open();
  return store;
}

describe("secrets in the operating system's key store", () => {
  it('outlive the program, encrypted, in a file for this user alone', async () => {
    const store = await open();
    expect(store.keeps).toBe('os');
    await store.set(name, 'raspberry');
    expect(await (await open()).get(name)).toBe('raspberry');
    const file = join(folder, 'secrets.json');
    expect(await readFile(file, 'utf8')).not.toContain('raspberry');
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('keep each of several that are set at once', async () => {
    const store = await open();
    await Promise.all([store.set('a', '1'), store.set('b', '2'), store.set('c', null)]);
    expect([await store.get('a'), await store.get('b'), await store.get('c')]).toEqual(['1', '2', null]);
  });

  it('are forgotten on request', async () => {
    const store = await open();
    await store.set(name, 'raspberry');
    await store.set(name, null);
    expect(await store.get(name)).toBeNull();
  });

  it('that cannot be decrypted any more are asked for again', async () => {
    const store = await open();
    await store.set(name, 'raspberry');
    safeStorage.isKeyLost = true;
    expect(await store.get(name)).toBeNull();
    expect(logged).toEqual(['a secret can no longer be decrypted']);
  });

  it('survive an edited file', async () => {
    await writeFile(join(folder, 'secrets.json'), '[]');
    const store = await open();
    expect(await store.get(name)).toBeNull();
    await store.set(name, 'raspberry');
    expect(await store.get(name)).toBe('raspberry');
  });
});

describe('without a key store worth the name', () => {
  it.each([
    ['none at all', { isAvailable: false }],
    ['one with a key that everybody has', { backend: 'basic_text' }],
  ])('secrets stay in memory: %s', async (_, state) => {
    Object.assign(safeStorage, state);
    const store = await open();
    expect(store.keeps).toBe('session');
    await store.set(name, 'raspberry');
    expect(await store.get(name)).toBe('raspberry');
    expect(await (await open()).get(name)).toBeNull();
    expect(logged).toContain('there is no key store: secrets are kept in memory only');
  });
});

describe('the key store', () => {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const closed = (): SecretStore => openSecrets({ safeStorage, folder, platform: 'linux', log });

  it('is left alone until a secret is kept, asked for or about to be typed', async () => {
    const store = closed();
    expect(await store.get(name)).toBeNull();
    await store.set(name, null);
    expect(store.keeps).toBeNull();
    expect(safeStorage.timesOpened).toBe(0);
    await store.set(name, 'raspberry');
    expect(store.keeps).toBe('os');
    expect(safeStorage.timesOpened).toBe(1);
    const next = closed();
    expect(await next.get('another')).toBeNull();
    expect(safeStorage.timesOpened).toBe(1);
    expect(await next.get(name)).toBe('raspberry');
    expect(safeStorage.timesOpened).toBe(2);
  });

  it('is opened once for all that need it at the same time', async () => {
    const store = closed();
    await Promise.all([store.open(), store.open(), store.set('a', '1'), store.set('b', '2')]);
    expect(safeStorage.timesOpened).toBe(1);
    expect([await store.get('a'), await store.get('b')]).toEqual(['1', '2']);
  });
});
