import { join } from 'node:path';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { exportBundle } from '../firmware/cache-bundle.ts';
import type { ImageCache } from '../firmware/image-cache.ts';

interface SavedBundle {
  readonly file: string;
  readonly bytes: number;
  readonly images: number;
}

/** Writes images (null: all) as a bundle into a folder, under a name with the time. Throws `file/…`, `cache/…`. */
export async function saveBundle(
  cache: ImageCache,
  keys: readonly string[] | null,
  folder: string,
  now = new Date(),
): Promise<SavedBundle> {
  const chosen = keys ?? (await cache.keys());
  const zip = await exportBundle(cache, chosen);
  const file = join(folder, bundleName(now));
  await writeFileAtomically(file, zip);
  return { file, bytes: zip.length, images: chosen.length };
}

/** `canopus-images-20261125-201500.zip`, UTC. */
function bundleName(now: Date): string {
  const [date = '', time = ''] = now.toISOString().replace(/[-:]/g, '').slice(0, 15).split('T');
  return `canopus-images-${date}-${time}.zip`;
}
