import { createHash } from 'node:crypto';

/** SHA-256, 64 lower-case hex digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const hashLength = 64;

/** A value as a file: SHA-256 of the rest in hex, a line end, the value as JSON. */
export function encodeHashedJson(value: unknown): Uint8Array {
  const body = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`${sha256Of(body)}\n`), body]);
}

/** The value of an unaltered file; null for any other. Never throws. */
export function decodeHashedJson(bytes: Uint8Array): unknown {
  const hash = Buffer.from(bytes.subarray(0, hashLength)).toString('latin1');
  const body = bytes.subarray(hashLength + 1);
  if (bytes[hashLength] !== 0x0a || hash !== sha256Of(body)) return null;
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return null;
  }
}
