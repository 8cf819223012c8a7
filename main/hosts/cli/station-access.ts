import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContractClient } from '../../../app/contract/client.ts';
import { memoryLinkPair } from '../../../app/contract/memory-link.ts';
import type { Served } from '../../../app/contract/server.ts';
import { stationContract, type StationClient } from '../../../app/contract/station-contract.ts';
import type { TextLink } from '../../../app/contract/text-link.ts';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import type { System } from '../../../app/system.ts';
import { connectLocally } from '../../links/local/connect-locally.ts';
import type { Station, StationOptions } from '../../station.ts';
import { dataFolders, type DataFolders } from '../../station/data-folders.ts';
import type { HostFeatures } from '../../station/host-features.ts';
import { openSharedStation } from '../../station/open-shared-station.ts';
import { readStationFile } from '../../station/station-file.ts';
import { systemClock } from '../../system-clock.ts';
import { canopusVersion } from '../../version.ts';
import { logCrashes } from '../crashes.ts';
import { internalLog, openHostLog } from '../host-log.ts';
import { stayAwakeWhileWorking } from '../keep-awake.ts';
import { serveStation, silentUntil } from '../serve-station.ts';
import { keptFolders } from './kept-folders.ts';
import { released } from './process-end.ts';

/** Which station a command is for. */
export interface StationChoice {
  readonly data?: string | undefined;
  /** A bench file: virtual boards instead of USB. */
  readonly sim?: string | undefined;
}

export type StationOpener = (options: StationOptions) => Promise<Station>;

interface AccessOptions extends StationChoice {
  readonly openStation: StationOpener;
  /** The command's words, for others that wait for it. */
  readonly command: string;
  /** Gets a sentence if the command can keep nothing. */
  readonly onNotice: (text: string) => void;
}

/** A command's access to the station of a data folder. */
export interface StationAccess extends AsyncDisposable {
  readonly client: StationClient;
  /** The process that owns the station; null for the command's own. */
  readonly pid: number | null;
  /** The system of the computer with the devices. */
  readonly system: System;
  /** True once a station of another process has ended. */
  readonly isLost: boolean;
  /** How many others use the command's own station. */
  readonly others: number;
  /** Resolves when it has no other users. */
  alone(): Promise<void>;
}

/** How long a station may take to begin to listen, or to end: a slow computer needs many seconds to open one. */
const patienceMs = 60_000;
const pollMs = 100;

/** Attaches to the station that runs on a data folder, or else opens one there. Throws `host/…`. */
export async function attachOrOpen(options: AccessOptions): Promise<StationAccess> {
  const folders = dataFolders(options.data);
  const deadline = systemClock.nowMs() + patienceMs;
  for (;;) {
    const attached = await attach(folders, options.sim);
    if (attached !== null) return attached;
    try {
      return await openOwn(options);
    } catch (error) {
      if (!isCanopusError(error, 'host/station-running') || systemClock.nowMs() > deadline) throw error;
      await sleep(pollMs);
    }
  }
}

async function attach({ data }: DataFolders, sim: string | undefined): Promise<StationAccess | null> {
  const file = await readStationFile(data);
  if (file === null) return null;
  const { link, refusal } = await connectLocally(file.address, { ...file, version: canopusVersion });
  if (refusal === 'other-version') {
    const message = `Process ${file.pid} runs Canopus ${file.version}, this is ${canopusVersion}.`;
    throw new CanopusError('host/other-version', message, { pid: file.pid }, { state: 'untouched' });
  }
  if (link === null) return null;
  if (sim !== undefined && (await realpath(sim).catch(() => sim)) !== file.sim) {
    link.close('other bench');
    const message = `The station of process ${file.pid} has other boards than ${sim}.`;
    const details = { folder: data, pid: file.pid };
    throw new CanopusError('host/station-running', message, details, { state: 'untouched' });
  }
  return attachedTo(link, file.pid);
}

async function attachedTo(first: TextLink, pid: number): Promise<StationAccess> {
  let next: TextLink | null = first;
  let isLost = false;
  const client: StationClient = new ContractClient(stationContract, {
    clock: systemClock,
    retryDelaysMs: [0],
    connect: () => {
      const link = next;
      next = null;
      if (link !== null) return Promise.resolve(link);
      // A command is for one station; the next one on this folder may know nothing of its work.
      isLost = true;
      client.close();
      return Promise.reject(new Error('the station ended'));
    },
  });
  const { platform } = await client.call('app.info', null);
  return {
    client,
    pid,
    system: platform,
    get isLost() {
      return isLost;
    },
    others: 0,
    alone: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

const features: HostFeatures = {
  name: 'cli',
  events: (signal) => silentUntil(signal),
  chooseFolder: null,
  show: null,
  updates: null,
};

async function openOwn(options: AccessOptions): Promise<StationAccess> {
  const kept = await keptFolders(options.data);
  try {
    const access = await openIn(kept.folders, options);
    if (kept.notice !== null) options.onNotice(kept.notice);
    return {
      ...access,
      get others() {
        return access.others;
      },
      async [Symbol.asyncDispose]() {
        await access[Symbol.asyncDispose]();
        await kept[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await kept[Symbol.asyncDispose]();
    throw error;
  }
}

async function openIn(
  folders: DataFolders,
  { sim, command, openStation }: AccessOptions,
): Promise<StationAccess> {
  const log = openHostLog(folders.log);
  const shared = await openSharedStation({
    ...{ folders, log: internalLog(log), host: 'cli', command, sim, waitMs: 0 },
    openStation: () => openStation({ sim }),
  });
  const serve = (link: TextLink): Served => serveStation(shared, features, link, log);
  const door = await shared.share(serve);
  const ended = new AbortController();
  const ignoreCrashes = logCrashes(log);
  stayAwakeWhileWorking({ jobs: shared.services.jobs.overview(ended.signal), log }).catch((err: unknown) =>
    log.error({ err }, 'the computer is no longer kept awake'),
  );
  const client: StationClient = new ContractClient(stationContract, {
    clock: systemClock,
    connect: () => {
      const [own, other] = memoryLinkPair();
      serve(other);
      return Promise.resolve(own);
    },
  });
  return {
    client,
    pid: null,
    system: shared.station.system,
    isLost: false,
    get others() {
      return door?.clients ?? 0;
    },
    alone: async () => door?.alone(),
    async [Symbol.asyncDispose]() {
      client.close();
      // A running write ends at its safe point, however long that takes; only drivers are not waited for.
      await shared.services.jobs[Symbol.asyncDispose]();
      ended.abort();
      await released([shared[Symbol.asyncDispose]()]);
      await released([shared.station[Symbol.asyncDispose]()]);
      ignoreCrashes();
    },
  };
}
