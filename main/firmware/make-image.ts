import { hostname } from 'node:os';
import type { BuildEvent, BuildPhase } from '../../app/build/build-event.ts';
import { checkBuiltImage } from '../../app/build/built-image.ts';
import { cacheKey } from '../../app/build/cache-key.ts';
import type { LogLevel } from '../../app/build/compiler-line.ts';
import { formatFirmwareSource } from '../../app/build/firmware-source.ts';
import { storedInfoOf } from '../../app/build/image-record.ts';
import { formatKconfig, type KconfigValues } from '../../app/build/kconfig.ts';
import { requireToolchain, type Toolchain } from '../../app/build/toolchain.ts';
import type { ImageInfo } from '../../app/image/image-info.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { sha256Of } from '../files/hashed-json.ts';
import { canopusVersion } from '../version.ts';
import { BuildLog } from './build-log.ts';
import { makeBuildFolder } from './build-folders.ts';
import type { BuildServices, BuildTask } from './build-task.ts';
import { compileFirmware } from './compile-firmware.ts';
import { configureTask } from './configure-firmware.ts';
import type { CachedImage } from './image-cache.ts';
import { readyTree } from './ready-tree.ts';
import type { SourceSnapshot } from './source-snapshot.ts';

/** An image that was just compiled and inspected, and what it was made from. */
export interface Compiled {
  readonly image: Uint8Array;
  readonly info: ImageInfo;
  readonly resolved: KconfigValues;
  readonly toolchain: Toolchain;
  readonly snapshot: SourceSnapshot;
  readonly log: Uint8Array;
}

/** Configures, compiles and inspects one image. Throws what these steps throw. */
export async function compileImage(
  task: BuildTask,
  services: BuildServices,
  signal: AbortSignal,
  emit: (event: BuildEvent) => void,
): Promise<Compiled> {
  const { request, site, snapshot, timeoutMs } = task;
  const { target, recipe } = request;
  const { machine } = site;
  const { version, dirty } = snapshot;
  const onPhase = (phase: BuildPhase) => emit({ type: 'phase', target, phase });
  const toolchain = await services.toolchains.of(site, signal, 'building');
  requireToolchain(toolchain, machine.shell.label);
  const log = new BuildLog();
  const onLine = (text: string, level: LogLevel) => {
    log.add(text);
    emit({ type: 'log', target, level, text });
  };
  const tree = await readyTree(task, signal);
  using _slot = await site.slots.take(signal);
  await using folder = await makeBuildFolder(machine, signal);
  const make = { machine, target, tree, version, dirty, folder: folder.path, signal, onLine };
  onPhase('configure');
  const resolved = await configureTask(task, make, services.configs);
  onPhase('compile');
  const image = await compileFirmware(make, { jobs: toolchain.cores, timeoutMs });
  onPhase('inspect');
  const info = await inspectImage(image);
  checkBuiltImage(info, { target, recipe, resolved, version: dirty ? null : version });
  return { image, info, resolved, toolchain, snapshot, log: log.bytes() };
}

/** Compiles and stores one image. Throws what these steps throw. */
export async function makeImage(
  task: BuildTask,
  services: BuildServices,
  signal: AbortSignal,
  emit: (event: BuildEvent) => void,
): Promise<CachedImage> {
  const { request, site, snapshot } = task;
  const { target, recipe } = request;
  const { machine } = site;
  const { location, ref, commit, treeId, version, dirty } = snapshot;
  const started = performance.now();
  const { image, info, resolved, toolchain, log } = await compileImage(task, services, signal, emit);
  emit({ type: 'phase', target, phase: 'store' });
  const config = formatKconfig(resolved);
  const record = await services.cache.put(
    {
      format: 1,
      key: await cacheKey({ target, treeId, version, config, toolchain: toolchain.identity }),
      origin: 'built',
      info: storedInfoOf(info),
      presetId: request.presetId,
      build: {
        target,
        recipe: { ...recipe, canPins: recipe.canPins === null ? null : [...recipe.canPins] },
        source: { location, ref, commit, treeId, version, dirty },
        toolchain: { identity: toolchain.identity, tools: [...toolchain.tools] },
        config: sha256Of(new Uint8Array()),
        log: sha256Of(new Uint8Array()),
        machine: machine.shell.label,
        host: hostname(),
        station: canopusVersion,
        durationMs: Math.round(performance.now() - started),
        order: { source: formatFirmwareSource(request.source), on: request.on },
      },
      importedFrom: null,
      createdAt: new Date().toISOString(),
    },
    { image, config: Buffer.from(config), log },
    signal,
  );
  return { record, bytes: image };
}
