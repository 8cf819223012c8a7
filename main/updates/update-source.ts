import * as z from 'zod/mini';

/** Where newer versions come from, and who may sign them; put into package.json when a package is made. */
export interface UpdateSource {
  /** A folder on a web server; https. */
  readonly url: URL;
  /** Raw Ed25519 public keys, as hex. */
  readonly keys: readonly string[];
}

const sourceSchema = z.object({ canopusUpdates: z.string() });

/** `https://… KEY …` in package.json; null if this package has no updates. Throws an Error if it is wrong. */
export function updateSourceOf(packageJson: unknown): UpdateSource | null {
  const read = sourceSchema.safeParse(packageJson);
  if (!read.success) return null;
  const [address = '', ...keys] = read.data.canopusUpdates.split(' ');
  const url = new URL(address.endsWith('/') ? address : `${address}/`);
  if (url.protocol !== 'https:') throw new Error('newer versions come over https only');
  if (keys.length === 0 || !keys.every((key) => /^[0-9a-f]{64}$/.test(key))) {
    throw new Error('a key is 64 hex digits, and at least one is needed');
  }
  return { url, keys };
}
