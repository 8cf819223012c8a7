import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A log of this size is put aside, in place of the one before. */
const maxBytes = 5 << 20;

/**
 * A file of lines that never takes more than twice `maxBytes` of the disk: a full one becomes `<path>.old`. Only its
 * user may read it. Lines are written at once, so that the last one before a crash is there; what cannot be written
 * (a full disk, a folder of another user) is dropped, because a log is no reason to fail.
 */
export class LogFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #descriptor: number | null = null;
  #bytes = 0;

  constructor(path: string, limit = maxBytes) {
    this.#path = path;
    this.#maxBytes = limit;
    this.#open();
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    try {
      if (this.#bytes + bytes.length > this.#maxBytes) this.#rotate();
      if (this.#descriptor === null) this.#open();
      if (this.#descriptor !== null) this.#bytes += writeSync(this.#descriptor, bytes);
    } catch {
      // Dropped; the next line is tried again.
    }
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #open(): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      this.#descriptor = openSync(this.#path, 'a', 0o600);
      this.#bytes = fstatSync(this.#descriptor).size;
      // Of a version that let others read it.
      chmodSync(this.#path, 0o600);
    } catch {
      // Windows has no such modes; a folder that cannot be written is said by what needs it.
    }
  }

  /** Windows renames no file that is open. */
  #rotate(): void {
    this.close();
    renameSync(this.#path, `${this.#path}.old`);
    this.#open();
  }
}
