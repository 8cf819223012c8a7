/** `os`: in the operating system's key store, across restarts. `session`: in memory, until the station is closed. */
export type SecretPlace = 'os' | 'session';

/**
 * Storage for passwords and passphrases. Names are such as `password pi@mainsailos.local`; values go only to the
 * caller: never to files of ours, logs, errors or windows.
 */
export interface SecretStore {
  /**
   * Where it keeps secrets; null until it was opened. A key store may ask the person for a password when it is opened, so
   * that is done for the first secret only.
   */
  readonly keeps: SecretPlace | null;
  /** Opens it, if it is not yet. Never throws. */
  open(): Promise<SecretPlace>;
  /** Null if nothing is stored under that name, or the key store does not release it now. */
  get(name: string): Promise<string | null>;
  /** Null deletes. Never throws: a secret that cannot be stored is asked for again. */
  set(name: string, secret: string | null): Promise<void>;
}

/** For hosts without a key store. */
export class SessionSecrets implements SecretStore {
  readonly keeps: SecretPlace = 'session';
  readonly #secrets = new Map<string, string>();

  open(): Promise<SecretPlace> {
    return Promise.resolve(this.keeps);
  }

  get(name: string): Promise<string | null> {
    return Promise.resolve(this.#secrets.get(name) ?? null);
  }

  set(name: string, secret: string | null): Promise<void> {
    if (secret === null) this.#secrets.delete(name);
    else this.#secrets.set(name, secret);
    return Promise.resolve();
  }
}
