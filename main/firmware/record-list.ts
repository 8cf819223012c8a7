import { readFileSync, statSync } from 'node:fs';
import type { ImageRecord } from '../../app/build/image-record.ts';
import { decodeRecord } from './record-file.ts';

interface KnownRecord {
  readonly record: ImageRecord;
  /** ISO 8601. */
  readonly lastUsedAt: string;
  readonly inode: number;
  readonly mtimeMs: number;
}

/**
 * Records that were read before, by their file. Another process may replace a file at any time, which gives it another
 * inode, or mark a use, which changes its time; everything else stays the same.
 */
export class RecordList {
  readonly #known = new Map<string, KnownRecord>();

  /** Null if there is no file, or a damaged one. */
  read(path: string, key: string): KnownRecord | null {
    const found = statSync(path, { throwIfNoEntry: false });
    const known = this.#known.get(key);
    if (found && known && found.ino === known.inode && found.mtimeMs === known.mtimeMs) return known;
    const record = found ? readRecord(path, key) : null;
    if (!found || record === null) {
      this.#known.delete(key);
      return null;
    }
    const read = { record, lastUsedAt: found.mtime.toISOString(), inode: found.ino, mtimeMs: found.mtimeMs };
    this.#known.set(key, read);
    return read;
  }
}

function readRecord(path: string, key: string): ImageRecord | null {
  try {
    const read = decodeRecord(readFileSync(path), key);
    return 'record' in read ? read.record : null;
  } catch {
    // It was pruned at this very moment, or cannot be read: leave it out of the list.
    return null;
  }
}
