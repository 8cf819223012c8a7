import * as z from 'zod/mini';
import { CanopusError } from '../errors.ts';
import { versionPattern } from './version.ts';

/** What an update server may send for a manifest, in bytes. */
export const maxManifestBytes = 256 * 1024;

/** Signed in front of the manifest, so that a signature of something else, made with the same key, is none. */
const manifestContext = 'canopus update manifest 1\n';

/** One file of a release. `target` is system, processor and kind, as `linux-x64-AppImage`. */
const packageSchema = z.object({
  target: z.string().check(z.regex(/^(linux|win32|darwin)-(x64|arm64)-[A-Za-z]{2,10}$/)),
  /** Beside the manifest on the server. */
  name: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)),
  size: z.int().check(z.positive(), z.maximum(1024 * 1024 * 1024)),
  sha512: z.string().check(z.regex(/^[0-9a-f]{128}$/)),
});

/** A release: what is newest, since when, and until when a server may say so. */
export const manifestSchema = z.object({
  product: z.literal('canopus'),
  version: z.string().check(z.regex(versionPattern)),
  /** Each manifest is newer than all before it. */
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  packages: z.array(packageSchema).check(z.maxLength(50)),
});

export type UpdateManifest = Readonly<z.infer<typeof manifestSchema>>;
export type UpdatePackage = Readonly<z.infer<typeof packageSchema>>;

/** The file on the server: the manifest as a text, because exactly its UTF-8 bytes are signed, and who signed them. */
const signedSchema = z.object({
  manifest: z.string(),
  signatures: z
    .array(z.object({ key: z.string(), signature: z.string().check(z.regex(/^[0-9a-f]{128}$/)) }))
    .check(z.maxLength(10)),
});

/** Whether `signature` (64 bytes) of `bytes` is by the Ed25519 key `key` (32 bytes). */
export type VerifySignature = (bytes: Uint8Array, signature: Uint8Array, key: Uint8Array) => boolean;

/**
 * The manifest in a file that has a right signature by one of `keys` (raw Ed25519 public keys, as hex). Throws
 * `update/not-genuine` for anything else; nothing of an unsigned manifest is read.
 */
export function readManifest(
  file: Uint8Array,
  keys: readonly string[],
  verify: VerifySignature,
): UpdateManifest {
  const signed = signedSchema.safeParse(jsonOf(new TextDecoder().decode(file)));
  if (!signed.success) throw notGenuine('The list of versions is not in the form that is signed.');
  const { manifest: text, signatures } = signed.data;
  const message = signedBytes(text);
  const isSigned = signatures.some(
    ({ key, signature }) => keys.includes(key) && verify(message, hexBytes(signature), hexBytes(key)),
  );
  if (!isSigned) throw notGenuine('The list of versions has no signature by a key that this version knows.');
  const manifest = manifestSchema.safeParse(jsonOf(text));
  if (!manifest.success) throw notGenuine('The signed list of versions has another form.');
  return manifest.data;
}

/** What is signed for a manifest. */
export function signedBytes(manifest: string): Uint8Array {
  return new TextEncoder().encode(`${manifestContext}${manifest}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notGenuine('The list of versions cannot be read.', error);
  }
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function notGenuine(message: string, cause?: unknown): CanopusError {
  return new CanopusError('update/not-genuine', message, {}, { cause });
}
