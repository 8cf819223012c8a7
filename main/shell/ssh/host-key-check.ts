import { readFile } from 'node:fs/promises';
import { CanopusError } from '../../../app/errors.ts';
import type { KnownHost } from './known-hosts.ts';
import { judgeHostKey, keyFingerprint, keyTypeOf, knownHostsOf, parseKnownHosts } from './known-hosts.ts';
import { OwnKnownHosts } from './own-known-hosts.ts';
import type { SshAccess } from './ssh-access.ts';
import type { SshDestination } from './ssh-destination.ts';

/** The key types to request from a server, by the name of the key exchange's algorithm. */
const algorithmsOfType: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};

/** SHA-1 signatures (`ssh-rsa`) are left out unless a known host has no other key. */
const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** The keys on file for one server, and what to do about the one it shows. */
export class HostKeyCheck {
  readonly #destination: SshDestination;
  readonly #access: SshAccess;
  readonly #hosts: readonly KnownHost[];
  readonly #own: OwnKnownHosts;
  /** True while a person is being asked. */
  asking = false;

  private constructor(destination: SshDestination, access: SshAccess, hosts: readonly KnownHost[]) {
    this.#destination = destination;
    this.#access = access;
    this.#hosts = hosts;
    this.#own = new OwnKnownHosts(access.ownKnownHostsFile);
  }

  static async open(destination: SshDestination, access: SshAccess): Promise<HostKeyCheck> {
    const files = [access.ownKnownHostsFile, ...destination.knownHostsFiles];
    const texts = await Promise.all(
      files.map(async (file) => parseKnownHosts(await readFile(file, 'utf8').catch(() => ''), file)),
    );
    return new HostKeyCheck(destination, access, texts.flat());
  }

  /** For the key exchange: types on file first, so that the server shows a key that can be compared. */
  algorithms(): string[] {
    const mine = knownHostsOf(this.#hosts, this.#destination.hostKeyName);
    const known = new Set(mine.flatMap(({ keyType }) => algorithmsOfType[keyType] ?? [keyType]));
    const first = hostKeyAlgorithms.filter((algorithm) => known.has(algorithm));
    return [...first, ...hostKeyAlgorithms.filter((algorithm) => !known.has(algorithm))];
  }

  /**
   * Resolves if the key may be trusted; a new one is shown to a person and, if accepted, written to our own file.
   * Throws `ssh/host-key-changed`, `ssh/host-key-revoked`, `ssh/host-key-unknown` or `file/*`.
   */
  async verify(key: Uint8Array): Promise<void> {
    const name = this.#destination.hostKeyName;
    const fingerprint = keyFingerprint(key);
    const keyType = keyTypeOf(key);
    const judged = judgeHostKey(this.#hosts, name, key);
    switch (judged.verdict) {
      case 'known':
        return;
      case 'changed':
      case 'revoked': {
        const known = judged.known.map((each) => keyFingerprint(Buffer.from(each.key, 'base64')));
        const places = judged.known.map((each) => `${each.file}:${each.line}`);
        const details = { host: name, keyType, fingerprint, known, places };
        if (judged.verdict === 'revoked') {
          const message = `${name} shows the key ${fingerprint}, which is marked revoked in ${places.join(', ')}`;
          throw new CanopusError('ssh/host-key-revoked', message, details);
        }
        const lines = judged.known.map(
          (each, index) => `${each.keyType} ${known[index] ?? ''} (${places[index] ?? ''})`,
        );
        const message = `${name} shows the ${keyType} key ${fingerprint}, but the known one is ${lines.join(', ')}`;
        // What the user's own files say is not ours to change.
        const isOurs = judged.known.every(({ file }) => file === this.#access.ownKnownHostsFile);
        throw new CanopusError('ssh/host-key-changed', message, {
          ...details,
          ...(isOurs ? { isOurs: 'yes' } : {}),
        });
      }
      case 'unknown':
        await this.#trustOnFirstUse({ host: name, keyType, fingerprint }, key);
    }
  }

  async #trustOnFirstUse(
    question: { host: string; keyType: string; fingerprint: string },
    key: Uint8Array,
  ): Promise<void> {
    this.asking = true;
    const trusted = await this.#access.questions.trustHostKey(question).finally(() => {
      this.asking = false;
    });
    if (!trusted) {
      const message = `${question.host} has the unknown ${question.keyType} key ${question.fingerprint}, which was not accepted`;
      throw new CanopusError('ssh/host-key-unknown', message, { ...question });
    }
    await this.#own.add(this.#destination.hostKeyName, key);
  }

  /** Takes over the keys that the server proved to hold; what a file of the user holds is not written again. */
  async rotate(keys: readonly Uint8Array[]): Promise<void> {
    const name = this.#destination.hostKeyName;
    const added = keys.filter((key) => {
      const { verdict } = judgeHostKey(this.#hosts, name, key);
      return verdict !== 'known' && verdict !== 'revoked';
    });
    if (keys.length > 0) await this.#own.rotate(name, keys, added);
  }
}
