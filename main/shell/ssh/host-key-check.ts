import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CanopusError } from '../../../app/errors.ts';
import { toFileError } from '../../files/file-errors.ts';
import type { KnownHost } from './known-hosts.ts';
import {
  judgeHostKey,
  keyFingerprint,
  keyTypeOf,
  knownHostLine,
  knownHostsOf,
  parseKnownHosts,
} from './known-hosts.ts';
import type { SshAccess } from './ssh-access.ts';
import type { SshDestination } from './ssh-destination.ts';

/** The key types to request from a server, by the name of the key exchange's algorithm. */
const algorithmsOfType: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};

/** SHA-1 signatures (`ssh-rsa`) are left out unless a known host has no other key. */
export const hostKeyAlgorithms = [
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
  /** True while a person is being asked. */
  asking = false;

  private constructor(destination: SshDestination, access: SshAccess, hosts: readonly KnownHost[]) {
    this.#destination = destination;
    this.#access = access;
    this.#hosts = hosts;
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
        const message =
          `${name} shows the ${keyType} key ${fingerprint}, ` +
          `but known is ${known.join(', ')} (${places.join(', ')})`;
        throw new CanopusError('ssh/host-key-changed', message, details);
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
    const file = this.#access.ownKnownHostsFile;
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await appendFile(file, knownHostLine(this.#destination.hostKeyName, key), {
        mode: 0o600,
      });
    } catch (error) {
      throw toFileError(error, file, 'write');
    }
  }
}
