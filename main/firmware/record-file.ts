import { readFile, utimes } from 'node:fs/promises';
import { imageRecordSchema } from '../../app/build/image-record.ts';
import type { ImageRecord } from '../../app/build/image-record.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { systemErrorCode, toFileError } from '../files/file-errors.ts';
import { decodeHashedJson, encodeHashedJson } from '../files/hashed-json.ts';

/** The content of a record's file: the record, or `damaged`; null if there is no file. */
type RecordRead = { readonly record: ImageRecord } | { readonly damaged: string } | null;

/** A record as a file: SHA-256 of the rest in hex, a line end, the record as JSON. */
export function encodeRecord(record: ImageRecord): Uint8Array {
  return encodeHashedJson(record);
}

/**
 * Never throws: a record that was altered, or has another format, is `damaged`.
 *
 * A matching hash means that a station wrote exactly these bytes, and it writes only whole records; so for our own
 * cache only the format is checked. Checking each of a thousand records against the schema takes longer than the rest
 * of listing them. Records from elsewhere are checked against the schema (`decodeForeignRecord`).
 */
export function decodeRecord(bytes: Uint8Array, key: string): Exclude<RecordRead, null> {
  const value = decodeHashedJson(bytes);
  if (value === null) return { damaged: 'its hash does not fit' };
  if (!isOwnRecord(value)) return { damaged: 'it is of another version of Canopus' };
  return value.key === key ? { record: value } : { damaged: 'it belongs to another key' };
}

/** Like `decodeRecord`, for a record that may come from elsewhere. */
export function decodeForeignRecord(bytes: Uint8Array, key: string): Exclude<RecordRead, null> {
  const parsed = imageRecordSchema.safeParse(decodeHashedJson(bytes));
  if (!parsed.success) return { damaged: 'it is not a record, or of another version of Canopus' };
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
  // It may have been pruned meanwhile; then there is nothing to mark.
  await utimes(path, now, now).catch(() => undefined);
}
