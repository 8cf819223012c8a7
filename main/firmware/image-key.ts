import { cacheKey } from '../../app/build/cache-key.ts';
import { formatKconfig } from '../../app/build/kconfig.ts';
import type { KconfigValues } from '../../app/build/kconfig.ts';
import type { Toolchain } from '../../app/build/toolchain.ts';
import type { BuildTask } from './build-task.ts';
import { refuseFaultyConfig } from './known-fault.ts';

/** The key under which the image of a known configuration is stored, if it is. Throws `build/known-fault`. */
export function keyToFind(
  { request, snapshot }: BuildTask,
  resolved: KconfigValues,
  { identity }: Toolchain,
): Promise<string> {
  refuseFaultyConfig(request, snapshot, resolved);
  const { treeId, version } = snapshot;
  const config = formatKconfig(resolved);
  return cacheKey({ target: request.target, treeId, version, config, toolchain: identity });
}
