import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CanopusError } from '../../app/errors.ts';
import { isSha256 } from '../../app/units.ts';
import { temporarySuffix, writeFileAtomically } from '../files/atomic-file.ts';
import { systemErrorCode, toFileError } from '../files/file-errors.ts';
import { sha256Of } from '../files/hashed-json.ts';
import { makeFolder } from '../files/make-folder.ts';

/** Bytes under their SHA-256, one file each, in 256 folders. What is read is what was written, or nothing. */
export class ObjectStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #path(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), sha256);
  }

  /** Stores bytes and returns their hash. Existing bytes are not written again, unless they are damaged. */
  async write(bytes: Uint8Array): Promise<string> {
    const sha256 = sha256Of(bytes);
    const path = this.#path(sha256);
    const there = await readFile(path).catch(() => null);
    if (there !== null && sha256Of(there) === sha256) return sha256;
    await makeFolder(join(this.#folder, sha256.slice(0, 2))).catch((error: unknown) => {
      throw toFileError(error, path, 'write');
    });
    await writeFileAtomically(path, bytes);
    return sha256;
  }

  /** Null if there is no such object. Throws `cache/corrupt` if its bytes differ, and removes them. */
  async read(sha256: string): Promise<Uint8Array | null> {
    const path = this.#path(sha256);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return null;
      // An unreadable sector also makes a damaged object.
      if (systemErrorCode(error) === 'EIO') throw await this.#drop(sha256, 'it cannot be read');
      throw toFileError(error, path, 'read');
    }
    if (sha256Of(bytes) === sha256) return bytes;
    throw await this.#drop(sha256, `its ${bytes.length} bytes have another hash`);
  }

  async #drop(sha256: string, why: string): Promise<CanopusError> {
    await this.remove(sha256);
    const message = `the stored object ${sha256.slice(0, 12)} is damaged: ${why}. It was removed.`;
    return new CanopusError('cache/corrupt', message, { sha256 });
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.#path(sha256), { force: true });
  }

  /** Size of an object on disk; null if there is none. */
  async size(sha256: string): Promise<number | null> {
    return stat(this.#path(sha256)).then(
      ({ size }) => size,
      () => null,
    );
  }

  /** Size of all objects together. */
  async totalBytes(): Promise<number> {
    const { objects } = await this.list();
    let total = 0;
    for (const object of objects) total += (await this.size(object)) ?? 0;
    return total;
  }

  /** Every object's hash, and the paths of all other files: temporary files of writers. */
  async list(): Promise<{ objects: string[]; others: string[] }> {
    const objects: string[] = [];
    const others: string[] = [];
    for (const folder of await readdir(this.#folder).catch(() => [])) {
      for (const name of await readdir(join(this.#folder, folder)).catch(() => [])) {
        if (isSha256(name)) objects.push(name);
        else if (name.endsWith(temporarySuffix)) others.push(join(this.#folder, folder, name));
      }
    }
    return { objects, others };
  }
}
