import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { writeFileAtomically } from '../../files/atomic-file.ts';
import { SessionSecrets, type SecretStore } from '../../pi/secret-store.ts';
import type { HostLog } from '../host-log.ts';

/** The part of Electron's safeStorage that is used: its asynchronous calls; the others end with Electron 46. */
export interface SafeStorage {
  isAsyncEncryptionAvailable(): Promise<boolean>;
  encryptStringAsync(plainText: string): Promise<Uint8Array>;
  decryptStringAsync(
    encrypted: Buffer,
  ): Promise<{ readonly result: string; readonly shouldReEncrypt: boolean }>;
  /** Linux: `basic_text` is a key that everybody has. */
  getSelectedStorageBackend(): string;
}

export interface OsSecretsOptions {
  readonly safeStorage: SafeStorage;
  readonly folder: string;
  readonly platform: NodeJS.Platform;
  readonly log: HostLog;
}

const keptSecrets = z.record(z.string(), z.string());

/** Opens the operating system's key store; where there is none that is worth the name, memory stands in. */
export async function openSecrets(options: OsSecretsOptions): Promise<SecretStore> {
  const { safeStorage, platform, log } = options;
  const isThere = await safeStorage.isAsyncEncryptionAvailable().catch(() => false);
  if (isThere && (platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text')) {
    return new OsSecrets(options);
  }
  log.warn({}, 'there is no key store: secrets are kept in memory only');
  return new SessionSecrets();
}

/** Secrets in `secrets.json`, each encrypted with a key that the operating system keeps for this user. */
class OsSecrets implements SecretStore {
  readonly keeps = 'os';
  readonly #options: OsSecretsOptions;
  readonly #file: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: OsSecretsOptions) {
    this.#options = options;
    this.#file = join(options.folder, 'secrets.json');
  }

  async get(name: string): Promise<string | null> {
    await this.#writing;
    const encrypted = (await this.#read())[name];
    if (encrypted === undefined) return null;
    try {
      const { result, shouldReEncrypt } = await this.#options.safeStorage.decryptStringAsync(
        Buffer.from(encrypted, 'base64'),
      );
      if (shouldReEncrypt) await this.set(name, result);
      return result;
    } catch (error) {
      this.#options.log.warn({ err: error }, 'a secret cannot be decrypted any more');
      return null;
    }
  }

  set(name: string, secret: string | null): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#change(name, secret);
      } catch (error) {
        this.#options.log.warn({ err: error }, 'a secret could not be kept');
      }
    });
    return this.#writing;
  }

  async #change(name: string, secret: string | null): Promise<void> {
    const { [name]: before, ...kept } = await this.#read();
    if (secret === null && before === undefined) return;
    if (secret !== null) {
      kept[name] = Buffer.from(await this.#options.safeStorage.encryptStringAsync(secret)).toString('base64');
    }
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFileAtomically(this.#file, Buffer.from(JSON.stringify(kept)), { mode: 0o600 });
  }

  async #read(): Promise<Record<string, string>> {
    try {
      const read = keptSecrets.safeParse(JSON.parse(await readFile(this.#file, 'utf8')));
      return read.success ? read.data : {};
    } catch {
      // The first secret, or a file that somebody wrote into: what cannot be read is asked for again.
      return {};
    }
  }
}
