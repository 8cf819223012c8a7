import { sha256Hex } from '../sha256.ts';

/**
 * What an image depends on. Two builds with the same inputs make the same bytes (but for a source that is not clean:
 * its version text holds time and host of the build).
 */
export interface CacheKeyInputs {
  readonly target: string;
  /** The id of the source tree's content: a git tree id. */
  readonly treeId: string;
  /** What `git describe` says: it goes into the image. */
  readonly version: string;
  /** The resolved configuration, whole. */
  readonly config: string;
  readonly toolchain: string;
}

/** Raised when this station builds differently from the same inputs; old images are then not found any more. */
const builderVersion = 1;

/** The cache key, 64 lower-case hex digits. */
export async function cacheKey(inputs: CacheKeyInputs): Promise<string> {
  // An array, because an object's order of fields would be part of the key by accident.
  const { target, treeId, version, config, toolchain } = inputs;
  return sha256Hex(
    JSON.stringify(['canopus-image', builderVersion, target, treeId, version, config, toolchain]),
  );
}
