import * as z from 'zod/mini';
import { jsonOf } from './signed-text.ts';
import type { Plain } from '../plain.ts';

/** In a bundle that was published: what is in it, signed. */
export const bundleManifestName = 'canopus-firmware.json';
/** The licence of the firmware in it, as its sources have it. */
export const bundleLicenceName = 'COPYING';
/** In front of what is signed. */
export const bundleContext = 'canopus firmware bundle 1\n';

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** Where the sources of the firmware in a bundle are: an archive beside it. */
const bundleSourceSchema = z.object({
  target: z.enum(['katapult', 'klipper']),
  commit: z.string().check(z.regex(/^[0-9a-f]{40}$/)),
  archive: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)),
  sha256,
});

const bundleManifestSchema = z.object({
  product: z.literal('canopus-firmware'),
  /** Of the Canopus that it was built with. */
  version: z.string().check(z.maxLength(64)),
  madeAt: z.iso.datetime(),
  sources: z.array(bundleSourceSchema).check(z.maxLength(8)),
  /** SHA-256 by name, of every other file in the bundle. */
  files: z.record(z.string().check(z.maxLength(160)), sha256),
});

export type BundleManifest = Plain<z.infer<typeof bundleManifestSchema>>;

/** Null if the text is of another form. */
export function readBundleManifest(text: string): BundleManifest | null {
  const read = bundleManifestSchema.safeParse(jsonOf(text));
  return read.success ? read.data : null;
}

/** What keeps `files` from being those of the manifest, as the end of a sentence; null if they are. */
export function differenceOf({ files }: BundleManifest, hashes: ReadonlyMap<string, string>): string | null {
  for (const [name, hash] of hashes) {
    if (!Object.hasOwn(files, name)) return `${name} is not in its list`;
    if (files[name] !== hash) return `${name} is not as listed`;
  }
  const missing = Object.keys(files).find((name) => !hashes.has(name));
  return missing === undefined ? null : `${missing} is missing`;
}
