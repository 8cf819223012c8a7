import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseSshTarget } from '../../../app/pi/ssh-target.ts';
import { writeFileAtomically } from '../../files/atomic-file.ts';
import { systemErrorCode, toFileError } from '../../files/file-errors.ts';
import { withLock } from '../../files/process-lock.ts';
import { keyFingerprint, knownHostLine, knownHostsOf, parseKnownHosts } from './known-hosts.ts';
import type { SshAccess } from './ssh-access.ts';
import { resolveDestination } from './ssh-destination.ts';
import { makeFolder } from '../../files/make-folder.ts';

const lockMs = 10_000;

/** A key that the station knew a server by. */
export interface ForgottenKey {
  readonly keyType: string;
  readonly fingerprint: string;
}

/** The station's own file of host keys. Others only read it; stations that run at the same time take turns. */
export class OwnKnownHosts {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Adds a key unless it is there. Throws `file/*`. */
  async add(name: string, key: Uint8Array): Promise<void> {
    const line = knownHostLine(name, key);
    await this.#change((lines) => (lines.includes(line.trimEnd()) ? lines : [...lines, line.trimEnd()]));
  }

  /** Takes away every key of a server by that name. Throws `file/*`. */
  async forget(name: string): Promise<ForgottenKey[]> {
    const forgotten: ForgottenKey[] = [];
    await this.#change((lines) => {
      const gone = knownHostsOf(parseKnownHosts(lines.join('\n'), this.#file), name);
      for (const { keyType, key } of gone) {
        forgotten.push({ keyType, fingerprint: keyFingerprint(Buffer.from(key, 'base64')) });
      }
      const numbers = new Set(gone.map(({ line }) => line - 1));
      return lines.filter((_, index) => !numbers.has(index));
    });
    return forgotten;
  }

  /**
   * Takes over what a server proved to hold (OpenSSH, PROTOCOL, section 2.5): those of its keys that are `added` are, and
   * keys that it no longer shows are taken away. Throws `file/*`.
   */
  async rotate(
    name: string,
    keys: readonly Uint8Array[],
    added: readonly Uint8Array[] = keys,
  ): Promise<void> {
    const wanted = added.map((key) => knownHostLine(name, key).trimEnd());
    await this.#change((lines) => {
      const mine = knownHostsOf(parseKnownHosts(lines.join('\n'), this.#file), name);
      const held = new Set(keys.map((key) => Buffer.from(key).toString('base64')));
      const gone = new Set(
        mine.filter(({ key, marker }) => marker === null && !held.has(key)).map(({ line }) => line - 1),
      );
      const kept = lines.filter((_, index) => !gone.has(index));
      return [...kept, ...wanted.filter((line) => !kept.includes(line))];
    });
  }

  async #change(change: (lines: readonly string[]) => readonly string[]): Promise<void> {
    await makeFolder(dirname(this.#file), 0o700).catch((error: unknown) => {
      throw toFileError(error, this.#file, 'write');
    });
    await withLock(`${this.#file}.lock`, { timeoutMs: lockMs }, async () => {
      const before = await readFile(this.#file, 'utf8').catch((error: unknown) => {
        if (systemErrorCode(error) === 'ENOENT') return '';
        throw toFileError(error, this.#file, 'read');
      });
      const lines = before === '' ? [] : before.replace(/\r?\n$/, '').split(/\r?\n/);
      const after = change(lines)
        .map((line) => `${line}\n`)
        .join('');
      if (after === before) return;
      await writeFileAtomically(this.#file, Buffer.from(after), { mode: 0o600 });
    });
  }
}

/**
 * Forgets the keys that the station itself holds of a target, which a person set up anew; `[HOST]:PORT`, as errors name
 * it, does as well. Throws `usage/invalid`, `ssh/config-*`, `file/*`.
 */
export async function forgetHostKeys(target: string, access: SshAccess): Promise<ForgottenKey[]> {
  const { hostKeyName } = await resolveDestination(parseSshTarget(target), access);
  return new OwnKnownHosts(access.ownKnownHostsFile).forget(hostKeyName);
}
