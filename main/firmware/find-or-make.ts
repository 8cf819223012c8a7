import type { BuildEvent } from '../../app/build/build-event.ts';
import { requireToolchain } from '../../app/build/toolchain.ts';
import { sha256Of } from '../files/hashed-json.ts';
import type { BuildServices, BuildTask } from './build-task.ts';
import type { CachedImage } from './image-cache.ts';
import { keyToFind } from './image-key.ts';
import { makeImage } from './make-image.ts';

/** The image from the cache, or else made by one of all processes that want it. Throws what `makeImage` throws. */
export async function findOrMake(
  task: BuildTask,
  services: BuildServices,
  signal: AbortSignal,
  emit: (event: BuildEvent) => void,
): Promise<CachedImage> {
  const { site, timeoutMs, id } = task;
  const { target } = task.request;
  emit({ type: 'phase', target, phase: 'toolchain' });
  const toolchain = await services.toolchains.of(site);
  requireToolchain(toolchain, site.machine.shell.label);
  const { cache, configs, locks } = services;
  const cached = (image: CachedImage) => {
    emit({ type: 'cached', target, key: image.record.key });
    return image;
  };
  const known = task.resolved && (await keyToFind(task, task.resolved, toolchain));
  const found = known && (await cache.get(known));
  if (found) return cached(found);
  return locks.hold(
    `build-${sha256Of(Buffer.from(id)).slice(0, 32)}`,
    {
      signal,
      timeoutMs: timeoutMs + 60_000,
      onWait: () => emit({ type: 'phase', target, phase: 'wait' }),
    },
    async () => {
      // Another process may have built it while this one waited.
      const resolved = task.resolved ?? (await configs.get(task.configKey));
      const key = known ?? (resolved && (await keyToFind(task, resolved, toolchain)));
      const made = key && (await cache.get(key));
      return made ? cached(made) : await makeImage(task, services, signal, emit);
    },
  );
}
