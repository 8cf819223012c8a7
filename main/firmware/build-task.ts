import { fragmentOf } from '../../app/build/fragment.ts';
import type { Fragment } from '../../app/build/fragment.ts';
import { formatKconfig } from '../../app/build/kconfig.ts';
import type { KconfigValues } from '../../app/build/kconfig.ts';
import type { LockFolder } from '../files/lock-folder.ts';
import type { BuildMachines, BuildSite } from './build-machines.ts';
import type { BuildOptions, BuildRequest } from './build-request.ts';
import type { KeptConfigs } from './kept-configs.ts';
import type { ImageCache } from './image-cache.ts';
import { refuseFaultyVersion } from './known-fault.ts';
import { prepareSource } from './source-prepare.ts';
import type { SourceSnapshot } from './source-snapshot.ts';
import type { KnownToolchains } from './known-toolchains.ts';

/** What builds have in common. */
export interface BuildServices {
  readonly cache: ImageCache;
  readonly configs: KeptConfigs;
  readonly machines: BuildMachines;
  readonly locks: LockFolder;
  readonly toolchains: KnownToolchains;
}

/** The work that callers share: one image of one snapshot on one machine. */
export interface BuildTask {
  readonly request: BuildRequest;
  readonly site: BuildSite;
  readonly snapshot: SourceSnapshot;
  readonly fragment: Fragment;
  /** The same for everyone who wants this image from this machine. */
  readonly id: string;
  /** olddefconfig's result depends on the tree, its version and the fragment, not on the machine. */
  readonly configKey: string;
  /** The configuration, if it was resolved before. */
  readonly resolved: KconfigValues | null;
  readonly timeoutMs: number;
}

const defaultTimeoutMs = 15 * 60_000;

/**
 * Opens the machines and brings the source to the one that builds. Throws what these throw, `recipe/*` and
 * `build/known-fault`.
 */
export async function prepareTask(
  request: BuildRequest,
  { machines, configs }: Pick<BuildServices, 'machines' | 'configs'>,
  { signal, onEvent }: BuildOptions,
): Promise<BuildTask> {
  const { target, source } = request;
  const fragment = fragmentOf(request.recipe, target);
  onEvent?.({ type: 'phase', target, phase: 'source' });
  const sites = await machines.sites(request.on, source, signal);
  const snapshot = await prepareSource(source, target, sites, {
    signal,
    onNote: (text) => onEvent?.({ type: 'note', target, text }),
  });
  refuseFaultyVersion(request, snapshot);
  const site = sites.builder;
  const asked = formatKconfig(fragment.asked);
  const configKey = ['', target, snapshot.treeId, snapshot.version, asked].join('\n');
  return {
    request,
    site,
    snapshot,
    fragment,
    id: site.machine.id + configKey,
    configKey,
    resolved: await configs.get(configKey),
    timeoutMs: request.timeoutMs ?? defaultTimeoutMs,
  };
}
