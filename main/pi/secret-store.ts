/**
 * Where passwords and passphrases are kept. Names are such as `password pi@mainsailos.local`; values go to whoever
 * asked for them and to nothing else: not to files of ours, logs, errors or windows.
 */
export interface SecretStore {
  /** `os`: in the operating system's key store, over a restart. `session`: in memory, until the station is closed. */
  readonly keeps: 'os' | 'session';
  /** Null where nothing is kept under that name, or the key store does not give it out now. */
  get(name: string): Promise<string | null>;
  /** Null forgets. Never rejects: where it cannot be kept it is asked for again. */
  set(name: string, secret: string | null): Promise<void>;
}

/** For hosts that have no key store to go to. */
export class SessionSecrets implements SecretStore {
  readonly keeps = 'session';
  readonly #secrets = new Map<string, string>();

  get(name: string): Promise<string | null> {
    return Promise.resolve(this.#secrets.get(name) ?? null);
  }

  set(name: string, secret: string | null): Promise<void> {
    if (secret === null) this.#secrets.delete(name);
    else this.#secrets.set(name, secret);
    return Promise.resolve();
  }
}
