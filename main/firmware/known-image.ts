import type { ImageRecord } from '../../app/build/image-record.ts';
import type { FirmwareTarget, Recipe } from '../../app/build/recipe.ts';
import type { BuildRequest } from './build-request.ts';
import type { CachedImage, ImageCache } from './image-cache.ts';
import type { SourceSnapshot } from './source-snapshot.ts';

/**
 * A cached image that fits the request, although this computer cannot find it by its key: it has no tools (another
 * computer built it, a bundle brought it), or cannot even read the source. Then the same recipe from the same content
 * counts or, if the source is unavailable, from the same URL at the same branch, tag or commit. Never from a changed
 * tree. The newest one; null if there is none.
 */
export async function findKnownImage(
  cache: ImageCache,
  request: BuildRequest,
  snapshot: SourceSnapshot | null,
): Promise<CachedImage | null> {
  const fitting = (await cache.list())
    .map(({ record }) => record)
    .filter((record) => fits(record, request) && isFrom(record, request, snapshot))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  for (const { key } of fitting) {
    const image = await cache.get(key);
    if (image) return image;
  }
  return null;
}

function fits({ build }: ImageRecord, { target, recipe }: BuildRequest): boolean {
  return build?.target === target && !build.source.dirty && sameRecipe(build.recipe, recipe, target);
}

function isFrom({ build }: ImageRecord, { source }: BuildRequest, snapshot: SourceSnapshot | null): boolean {
  if (build === null) return false;
  if (snapshot !== null) {
    return build.source.treeId === snapshot.treeId && build.source.version === snapshot.version;
  }
  if (source.type !== 'git' || build.source.location !== source.url) return false;
  return source.ref === build.source.ref || source.ref === build.source.commit;
}

/** Equal in everything that affects this firmware's image: Katapult on USB knows nothing of the CAN bus. */
export function sameRecipe(a: Recipe, b: Recipe, target: FirmwareTarget): boolean {
  const facts = ({ mcu, crystalHz, applicationOffset, role, canPins, bitrateBps, extra }: Recipe) => {
    const talk = target === 'katapult' && role === 'bridge' ? 'usb' : role;
    const can = talk === 'usb' ? [talk] : [talk, canPins, bitrateBps];
    return JSON.stringify([mcu, crystalHz, applicationOffset, can, Object.entries(extra[target]).sort()]);
  };
  return facts(a) === facts(b);
}

/** The note about an image from another computer, with the reason why this one did not build it. */
export function noteOfKnown({ record }: CachedImage, error: unknown): string {
  const { build, createdAt, info } = record;
  const reason = error instanceof Error ? error.message.split('\n')[0] : '';
  return `not built here (${reason}); this is ${info.version ?? 'it'} as ${build?.host ?? '?'} built it on ${createdAt.slice(0, 10)}`;
}
