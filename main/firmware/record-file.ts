import { readFile, stat, utimes } from 'node:fs/promises';
import { imageRecordSchema } from '../../app/build/image-record.ts';
import type { ImageRecord } from '../../app/build/image-record.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { systemErrorCode, toFileError } from './file-errors.ts';
import { sha256Of } from './object-store.ts';

/** What a record's file holds: the record, or that it is damaged; null where there is no file. */
export type RecordRead = { readonly record: ImageRecord } | { readonly damaged: string } | null;

/** A record as a file: SHA-256 of the rest in hex, a line end, the record as JSON. */
export function encodeRecord(record: ImageRecord): Uint8Array {
  const body = Buffer.from(JSON.stringify(record));
  return Buffer.concat([Buffer.from(`${sha256Of(body)}\n`), body]);
}

/** Never throws: a record that is not as it was written, or of another format, is `damaged`. */
export function decodeRecord(bytes: Uint8Array, key: string): Exclude<RecordRead, null> {
  const body = bytes.subarray(65);
  if (bytes[64] !== 0x0a || Buffer.from(bytes.subarray(0, 64)).toString('latin1') !== sha256Of(body)) {
    return { damaged: 'its hash does not fit' };
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return { damaged: 'it is no JSON' };
  }
  const parsed = imageRecordSchema.safeParse(value);
  if (!parsed.success) return { damaged: 'it is of another version of Canopus' };
  if (parsed.data.key !== key) return { damaged: 'it belongs to another key' };
  return { record: parsed.data };
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

/** When the record was last used: the file's modification time, since the record itself never changes. */
export async function lastUsed(path: string): Promise<Date | null> {
  return stat(path).then(
    ({ mtime }) => mtime,
    () => null,
  );
}

export async function touchRecord(path: string): Promise<void> {
  const now = new Date();
  // Somebody may have pruned it since; then there is nothing to note.
  await utimes(path, now, now).catch(() => undefined);
}
