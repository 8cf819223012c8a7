import * as z from 'zod/mini';
import { CanopusError } from '../errors.ts';
import { jsonOf, readSignedText, type VerifySignature } from './signed-text.ts';
import { versionPattern } from './version.ts';

/** What an update server may send for a manifest, in bytes. */
export const maxManifestBytes = 256 * 1024;

/** Signed in front of the manifest, so that a signature of something else, made with the same key, is none. */
export const manifestContext = 'canopus update manifest 1\n';

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

/**
 * The manifest in a file that has a right signature by one of `keys` (raw Ed25519 public keys, as hex). Throws
 * `update/not-genuine` for anything else; nothing of an unsigned manifest is read.
 */
export function readManifest(
  file: Uint8Array,
  keys: readonly string[],
  verify: VerifySignature,
): UpdateManifest {
  const signed = readSignedText(file, { context: manifestContext, keys, verify });
  if (signed === null) throw notGenuine('The list of versions is not in the form that is signed.');
  if (signed.signer !== 'known') {
    throw notGenuine('The list of versions has no signature by a key that this version knows.');
  }
  const manifest = manifestSchema.safeParse(jsonOf(signed.text));
  if (!manifest.success) throw notGenuine('The signed list of versions has another form.');
  return manifest.data;
}

function notGenuine(message: string): CanopusError {
  return new CanopusError('update/not-genuine', message, {});
}
