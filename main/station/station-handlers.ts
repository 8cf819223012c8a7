import type { Preset } from '../../app/boards/preset-schema.ts';
import { installAdvice } from '../../app/build/toolchain.ts';
import type { LiveTable } from '../../app/contract/live-table.ts';
import type { StationHandlers, StationOutput, VirtualPiView } from '../../app/contract/station-contract.ts';
import type { HostCheck } from '../../app/doctor/host-check.ts';
import { CanopusError } from '../../app/errors.ts';
import type { BackupStore } from '../backups/backup-store.ts';
import type { FirmwareService } from '../firmware/firmware-service.ts';
import type { HistoryAccess } from '../history/history-access.ts';
import type { JobList } from '../jobs/job-list.ts';
import { canopusVersion } from '../version.ts';
import type { BenchRunner } from './bench/bench-runner.ts';
import type { BuildJobs } from './build-jobs.ts';
import { computerHandlers } from './handlers/computer.ts';
import { benchHandlers } from './handlers/bench.ts';
import { imageHandlers } from './handlers/images.ts';
import { historyHandlers } from './handlers/history.ts';
import { piHandlers } from './handlers/pi.ts';
import { simHandlers } from './handlers/sim.ts';
import type { DataFolders } from './data-folders.ts';
import type { FlashJobs } from './flash-jobs.ts';
import type { FlowRunner } from './flow-runner.ts';
import { hostPlatform } from '../devices/native-errors.ts';
import type { HostFeatures } from './host-features.ts';
import type { ImageShelf } from './image-shelf.ts';
import type { LiveBoards } from './live-boards.ts';
import type { RestoreJobs } from './restore-jobs.ts';
import type { SettingsStore } from './settings-store.ts';
import type { PiDesk } from './pi/pi-desk.ts';
import type { VirtualPiDesk } from './pi/virtual-pi-desk.ts';
import type { VirtualCorner } from './virtual-corner.ts';

/** What the contract is served from. */
export interface StationServices {
  readonly presets: readonly Preset[];
  readonly boards: LiveBoards;
  readonly jobs: JobList;
  readonly firmware: FirmwareService;
  readonly images: ImageShelf;
  readonly builds: BuildJobs;
  readonly flash: FlashJobs;
  readonly backups: BackupStore;
  readonly restores: RestoreJobs;
  readonly flows: FlowRunner;
  readonly bench: BenchRunner;
  readonly settings: SettingsStore;
  readonly folders: DataFolders;
  /** Looks at this computer. */
  readonly doctor: (signal: AbortSignal) => Promise<readonly HostCheck[]>;
  readonly pis: PiDesk;
  readonly sim: VirtualCorner;
  readonly history: HistoryAccess;
  /** Null until there is a virtual bench. */
  readonly virtualPi: () => VirtualPiDesk | null;
  readonly virtualPis: LiveTable<VirtualPiView>;
  /** True where all boards are virtual. */
  readonly simulated: boolean;
}

/** Binds every entry of the contract to the service that knows it. Each window has its own. */
export function stationHandlers(services: StationServices, host: HostFeatures): StationHandlers {
  const { presets, boards, jobs, firmware, builds, flash, flows } = services;
  return {
    'app.info': () =>
      Promise.resolve({
        version: canopusVersion,
        host: host.name,
        platform: hostPlatform,
        features: host.chooseFolder === null ? [] : ['choose-folder'],
        simulated: services.simulated,
      }),
    'host.events': (_, { signal }) => host.events(signal),
    'host.chooseFolder': () => {
      if (host.chooseFolder !== null) return host.chooseFolder();
      return Promise.reject(new CanopusError('usage/invalid', 'This host has no dialog for folders.'));
    },
    'boards.watch': (_, { signal }) => boards.follow(signal),
    ...benchHandlers(services.bench),
    'presets.list': () => Promise.resolve(presets),
    ...imageHandlers(services, host),
    'builds.start': async (order) => Promise.resolve(builds.start(order)),
    'builds.toolchain': (_, { signal }) => localToolchain(firmware, signal),
    'flash.start': (order) => flash.start(order),
    'backups.list': ({ uid }) => services.backups.list(uid),
    'backups.restore': (order) => services.restores.start(order),
    'flows.watch': (_, { signal }) => flows.follow(signal),
    'flows.start': ({ portPath }) => Promise.resolve(flows.start(portPath)),
    'flows.choose': async (order) => {
      flows.choose(order);
      return Promise.resolve(null);
    },
    'flows.remove': async ({ id }) => {
      flows.remove(id);
      return Promise.resolve(null);
    },
    'jobs.overview': (_, { signal }) => jobs.overview(signal),
    'jobs.watch': ({ jobId }, { after, signal }) => jobs.watch(jobId, after, signal),
    'jobs.cancel': ({ jobId }) => Promise.resolve(jobs.cancel(jobId)),
    ...computerHandlers(services, host),
    ...historyHandlers({ history: services.history, cache: firmware.cache, presets }, host),
    ...piHandlers(services.pis),
    ...simHandlers(services),
  };
}

async function localToolchain(
  firmware: FirmwareService,
  signal: AbortSignal,
): Promise<StationOutput<'builds.toolchain'>> {
  // Windows itself has nothing to build with.
  const site = await firmware.machines.get(process.platform === 'win32' ? 'wsl' : 'local', signal);
  const { tools, missing, ...rest } = await firmware.builder.toolchains.of(site, signal, 'building');
  return { tools, missing, advice: missing.length === 0 ? null : installAdvice(rest) };
}
