import { sha256Hex } from '../sha256.ts';

/**
 * Everything that an image depends on. Two builds with the same inputs make the same bytes (unless the source is
 * changed: then its version text holds time and host of the build).
 */
export interface CacheKeyInputs {
  readonly target: string;
  /** The id of the source tree's content: a git tree id. */
  readonly treeId: string;
  /** The output of `git describe`: it goes into the image. */
  readonly version: string;
  /** The whole resolved configuration. */
  readonly config: string;
  readonly toolchain: string;
}

/** Raised when this station builds differently from the same inputs; old images are then not found any more. */
const builderVersion = 1;

/** The cache key, 64 lower-case hex digits. */
export async function cacheKey(inputs: CacheKeyInputs): Promise<string> {
  // An array, because otherwise the order of an object's fields would be part of the key by accident.
  const { target, treeId, version, config, toolchain } = inputs;
  return sha256Hex(
    JSON.stringify(['canopus-image', builderVersion, target, treeId, version, config, toolchain]),
  );
}
