import { createHash } from 'node:crypto';
import { open, rename, rm, statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BackupSink } from '../../app/flash/dfu-backup.ts';
import type { DfuTarget } from '../../app/flash/dfu-target.ts';
import { CanopusError } from '../../app/errors.ts';
import { syncFolder, temporarySuffix } from '../files/atomic-file.ts';
import { toFileError } from '../files/file-errors.ts';
import { makeFolder } from '../files/make-folder.ts';

/** Facts about a backup's bytes. */
interface WrittenBackup {
  readonly sha256: string;
  readonly flashBytes: number;
  readonly durationMs: number;
  /** As the ROM reported it. */
  readonly uid: string | null;
}

interface BackupWriterOptions {
  /** The file for the bytes; an existing one is replaced only when the backup is whole. */
  readonly path: string;
  readonly nowMs: () => number;
  /** Called when the bytes are whole and on disk; the backup is complete once it resolves. */
  readonly onWhole: (written: WrittenBackup) => Promise<void>;
  /** Free bytes in a folder; for tests. */
  readonly freeBytes?: ((folder: string) => Promise<number>) | undefined;
}

/** For the record, the growth of the folder itself, and other writes meanwhile. */
const spareBytes = 64 * 1024;

/**
 * Writes the bytes of one backup. They appear under `path` only when whole and on disk; disposing an unfinished writer
 * leaves nothing behind. Throws `file/disk-full`, before the first byte if that can be known, `file/unwritable`,
 * `file/missing` (no such folder), and `backup/damaged` if the number of bytes differs from the chip's.
 */
export class BackupWriter implements BackupSink, AsyncDisposable {
  readonly #options: BackupWriterOptions;
  readonly #temporary: string;
  readonly #hash = createHash('sha256');
  #file: FileHandle | null = null;
  #target: DfuTarget | null = null;
  #bytes = 0;
  #startMs = 0;

  constructor(options: BackupWriterOptions) {
    this.#options = options;
    this.#temporary = `${options.path}${temporarySuffix}`;
  }

  async begin(target: DfuTarget): Promise<void> {
    this.#target = target;
    await this.#guard(async () => {
      const { path, nowMs, freeBytes = freeBytesIn } = this.#options;
      const needed = target.flashBytes + spareBytes;
      const free = await freeBytes(dirname(path));
      if (free < needed) throw noRoom(path, needed, free);
      this.#file = await open(this.#temporary, 'w');
      this.#startMs = nowMs();
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#guard(async () => {
      await this.#file?.writeFile(bytes);
      this.#hash.update(bytes);
      this.#bytes += bytes.length;
    });
  }

  complete(): Promise<void> {
    return this.#guard(async () => {
      const { path, nowMs, onWhole } = this.#options;
      const target = this.#target;
      const file = this.#file;
      if (target === null || file === null || this.#bytes !== target.flashBytes) {
        throw new CanopusError(
          'backup/damaged',
          `The backup has ${this.#bytes} bytes, not all of the flash.`,
          {
            bytes: this.#bytes,
          },
        );
      }
      const durationMs = Math.round(nowMs() - this.#startMs);
      await file.sync();
      await file.close();
      this.#file = null;
      await rename(this.#temporary, path);
      await syncFolder(dirname(path));
      const sha256 = this.#hash.digest('hex');
      await onWhole({ sha256, flashBytes: this.#bytes, durationMs, uid: target.uid });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#file === null) return;
    await this.#file.close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toFileError(error, this.#options.path, 'write');
    }
  }
}

/** Makes a folder of the station, if it does not exist. Throws as `BackupWriter` does. */
export async function makeBackupFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    throw toFileError(error, folder, 'write');
  }
}

async function freeBytesIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function noRoom(path: string, needed: number, free: number): CanopusError {
  const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
  return new CanopusError(
    'file/disk-full',
    `The backup ${path} needs ${mib(needed)} MiB, and ${mib(free)} MiB are free.`,
    { path, needed, free },
  );
}
