import { join } from 'node:path';
import * as z from 'zod/mini';
import { JsonStore, type JsonFormat } from '../../files/json-store.ts';
import { SessionSecrets, type SecretPlace, type SecretStore } from '../../pi/secret-store.ts';
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

/** Secrets in the operating system's key store; without a real one, in memory. It is opened for the first secret. */
export function openSecrets(options: OsSecretsOptions): SecretStore {
  return new SecretsWhenNeeded(options);
}

class SecretsWhenNeeded implements SecretStore {
  readonly #options: OsSecretsOptions;
  #file: Promise<JsonStore<KeptSecrets>> | null = null;
  #opening: Promise<SecretStore> | null = null;
  #opened: SecretStore | null = null;

  constructor(options: OsSecretsOptions) {
    this.#options = options;
  }

  get keeps(): SecretPlace | null {
    return this.#opened?.keeps ?? null;
  }

  async open(): Promise<SecretPlace> {
    return (await this.#store()).open();
  }

  /** What was never kept needs no key. */
  async get(name: string): Promise<string | null> {
    if (this.#opened === null && !(await this.#isKept(name))) return null;
    return (await this.#store()).get(name);
  }

  async set(name: string, secret: string | null): Promise<void> {
    if (secret === null && this.#opened === null && !(await this.#isKept(name))) return;
    await (await this.#store()).set(name, secret);
  }

  async #isKept(name: string): Promise<boolean> {
    return this.#opening !== null || Object.hasOwn((await this.#kept()).current, name);
  }

  #kept(): Promise<JsonStore<KeptSecrets>> {
    const { folder, log } = this.#options;
    const path = join(folder, 'secrets.json');
    const report = (error: unknown): void => log.warn({ err: error }, 'the file of secrets');
    return (this.#file ??= JsonStore.open({ path, format, mode: 0o600, report }));
  }

  async #store(): Promise<SecretStore> {
    this.#opening ??= this.#openNow();
    return (this.#opened = await this.#opening);
  }

  async #openNow(): Promise<SecretStore> {
    const { safeStorage, platform, log } = this.#options;
    const isThere = await safeStorage.isAsyncEncryptionAvailable().catch(() => false);
    if (isThere && (platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text')) {
      return new OsSecrets(this.#options, await this.#kept());
    }
    log.warn({}, 'there is no key store: secrets are kept in memory only');
    return new SessionSecrets();
  }
}

/** Secrets in `secrets.json`, each encrypted with a key that the operating system keeps for this user. */
class OsSecrets implements SecretStore {
  readonly keeps: SecretPlace = 'os';
  readonly #options: OsSecretsOptions;
  readonly #file: JsonStore<KeptSecrets>;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: OsSecretsOptions, file: JsonStore<KeptSecrets>) {
    this.#options = options;
    this.#file = file;
  }

  open(): Promise<SecretPlace> {
    return Promise.resolve(this.keeps);
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
