import { join } from 'node:path';
import * as z from 'zod/mini';
import { JsonStore, type JsonFormat } from '../../files/json-store.ts';
import { SessionSecrets, type SecretStore } from '../../pi/secret-store.ts';
import type { HostLog } from '../host-log.ts';

/** The part of Electron's safeStorage that is used: its asynchronous calls; the others end with Electron 46. */
export interface SafeStorage {
  isAsyncEncryptionAvailable(): Promise<boolean>;
  encryptStringAsync(plainText: string): Promise<Uint8Array>;
  decryptStringAsync(
    encrypted: Buffer,
  ): Promise<{ readonly result: string; readonly shouldReEncrypt: boolean }>;
  /** Linux: `basic_text` is a key that is the same for everyone. */
  getSelectedStorageBackend(): string;
}

interface OsSecretsOptions {
  readonly safeStorage: SafeStorage;
  readonly folder: string;
  readonly platform: NodeJS.Platform;
  readonly log: HostLog;
}

type KeptSecrets = Readonly<Record<string, string>>;

const format: JsonFormat<KeptSecrets> = {
  empty: {},
  read(json, setAside) {
    const secrets: Record<string, string> = {};
    for (const [name, secret] of Object.entries(z.record(z.string(), z.unknown()).parse(json))) {
      if (typeof secret === 'string') secrets[name] = secret;
      else setAside({ [name]: secret }, 'not a string');
    }
    return secrets;
  },
  write: (secrets) => secrets,
};

/** Opens the operating system's key store; without a real one, secrets stay in memory. */
export async function openSecrets(options: OsSecretsOptions): Promise<SecretStore> {
  const { safeStorage, platform, log } = options;
  const isThere = await safeStorage.isAsyncEncryptionAvailable().catch(() => false);
  if (isThere && (platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text')) {
    return OsSecrets.open(options);
  }
  log.warn({}, 'there is no key store: secrets are kept in memory only');
  return new SessionSecrets();
}

/** Secrets in `secrets.json`, each encrypted with a key that the operating system keeps for this user. */
class OsSecrets implements SecretStore {
  readonly keeps = 'os';
  readonly #options: OsSecretsOptions;
  readonly #file: JsonStore<KeptSecrets>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: OsSecretsOptions, file: JsonStore<KeptSecrets>) {
    this.#options = options;
    this.#file = file;
  }

  static async open(options: OsSecretsOptions): Promise<OsSecrets> {
    const path = join(options.folder, 'secrets.json');
    const report = (error: unknown): void => options.log.warn({ err: error }, 'the file of secrets');
    return new OsSecrets(options, await JsonStore.open({ path, format, mode: 0o600, report }));
  }

  async get(name: string): Promise<string | null> {
    await this.#writing;
    const encrypted = this.#file.current[name];
    if (encrypted === undefined) return null;
    try {
      const { result, shouldReEncrypt } = await this.#options.safeStorage.decryptStringAsync(
        Buffer.from(encrypted, 'base64'),
      );
      if (shouldReEncrypt) await this.set(name, result);
      return result;
    } catch (error) {
      this.#options.log.warn({ err: error }, 'a secret can no longer be decrypted');
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
    const { [name]: before, ...others } = this.#file.current;
    const kept: Record<string, string> = others;
    if (secret === null && before === undefined) return;
    if (secret !== null) {
      kept[name] = Buffer.from(await this.#options.safeStorage.encryptStringAsync(secret)).toString('base64');
    }
    await this.#file.save(kept);
  }
}
