import { readFile, utimes } from 'node:fs/promises';
import { imageRecordSchema } from '../../app/build/image-record.ts';
import type { ImageRecord } from '../../app/build/image-record.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { systemErrorCode, toFileError } from '../files/file-errors.ts';
import { decodeHashedJson, encodeHashedJson } from '../files/hashed-json.ts';

/** What a record's file holds: the record, or that it is damaged; null where there is no file. */
type RecordRead = { readonly record: ImageRecord } | { readonly damaged: string } | null;

/** A record as a file: SHA-256 of the rest in hex, a line end, the record as JSON. */
export function encodeRecord(record: ImageRecord): Uint8Array {
  return encodeHashedJson(record);
}

/**
 * Never throws: a record that is not as it was written, or of another format, is `damaged`.
 *
 * That the hash fits means that a station wrote these very bytes, and it writes nothing but whole records; so of a
 * file of our own cache only the format is looked at. A schema check of each of a thousand records takes longer than
 * all the rest of listing them. What comes from elsewhere is checked against the schema (`decodeForeignRecord`).
 */
export function decodeRecord(bytes: Uint8Array, key: string): Exclude<RecordRead, null> {
  const value = decodeHashedJson(bytes);
  if (value === null) return { damaged: 'its hash does not fit' };
  if (!isOwnRecord(value)) return { damaged: 'it is of another version of Canopus' };
  return value.key === key ? { record: value } : { damaged: 'it belongs to another key' };
}

/** As `decodeRecord`, for a record that somebody else may have made. */
export function decodeForeignRecord(bytes: Uint8Array, key: string): Exclude<RecordRead, null> {
  const parsed = imageRecordSchema.safeParse(decodeHashedJson(bytes));
  if (!parsed.success) return { damaged: 'it is no record, or of another version of Canopus' };
  return parsed.data.key === key ? { record: parsed.data } : { damaged: 'it belongs to another key' };
}

function isOwnRecord(value: unknown): value is ImageRecord {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === 1;
}

export async function readRecordFile(path: string, key: string): Promise<RecordRead> {
  try {
    return decodeRecord(await readFile(path), key);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    if (systemErrorCode(error) === 'EIO') return { damaged: 'it cannot be read' };
    throw toFileError(error, path, 'read');
  }
}

export async function writeRecordFile(path: string, record: ImageRecord): Promise<void> {
  await writeFileAtomically(path, encodeRecord(record));
}

export async function touchRecord(path: string): Promise<void> {
  const now = new Date();
  // Somebody may have pruned it since; then there is nothing to note.
  await utimes(path, now, now).catch(() => undefined);
}
