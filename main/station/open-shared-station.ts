import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contractProtocol } from '../../app/contract/channel-names.ts';
import type { Served } from '../../app/contract/server.ts';
import type { TextLink } from '../../app/contract/text-link.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { toFileError } from '../files/file-errors.ts';
import { acquireLock } from '../files/process-lock.ts';
import { listenLocally, type LocalListener } from '../links/local/local-listener.ts';
import { localAddress } from '../links/local/local-address.ts';
import type { Station } from '../station.ts';
import { canopusVersion } from '../version.ts';
import { openServices, type ServicesOptions } from './open-services.ts';
import { readStationFile, removeStationFile, writeStationFile, type StationFile } from './station-file.ts';
import type { StationServices } from './station-services.ts';
import { makeFolder } from '../files/make-folder.ts';

interface SharedStationOptions extends Omit<ServicesOptions, 'station' | 'tidies'> {
  /** Called once the folder is held; what it opens is not closed with the services. */
  readonly openStation: () => Promise<Station>;
  readonly host: StationFile['host'];
  /** The bench file that replaces all USB. */
  readonly sim: string | undefined;
  /** How long to wait for another station to end. */
  readonly waitMs: number;
  /** Of a command: its words, such as `canopus flash`. */
  readonly command?: string;
  /** For a host that waits for a command that has the folder, however long that runs; others are refused. */
  readonly commandWait?: {
    /** Gets a sentence that names the command, once for each. */
    readonly onWait: (sentence: string) => void;
    /** Ends the wait with `cancelled`. */
    readonly signal?: AbortSignal;
  };
}

/** The services of a station, on a data folder that no other station has. */
export interface SharedStation extends AsyncDisposable {
  readonly station: Station;
  readonly services: StationServices;
  /**
   * Lets other programs of this user in, until the station is closed; `serve` gets the link of each. A failure to
   * listen is logged: the station is useful without. Returns the connected clients.
   */
  share(serve: (link: TextLink) => Served): Promise<Pick<LocalListener, 'clients' | 'alone'> | null>;
}

/** Opens the one station of a data folder. Throws `host/station-running` if another has it. */
export async function openSharedStation(options: SharedStationOptions): Promise<SharedStation> {
  const { folders, log } = options;
  const release = await holdFolder(folders.data, options);
  let station: Station;
  let services: StationServices & AsyncDisposable;
  try {
    station = await options.openStation();
    services = await openServices({ ...options, station, tidies: options.host !== 'cli' });
    // Flows and the bench of a window continue by themselves; a command may need no device.
    if (options.host !== 'cli') await services.needDevices();
  } catch (error) {
    await release();
    throw error;
  }
  let listener: LocalListener | null = null;
  return {
    station,
    services,
    share: async (serve) => {
      try {
        listener = await listen(options, serve);
      } catch (error) {
        log(error, 'local listener');
      }
      return listener;
    },
    async [Symbol.asyncDispose]() {
      try {
        // A later client opens its own station, as soon as the folder is free.
        listener?.stop();
        if (listener !== null) await removeStationFile(folders.data);
        await services[Symbol.asyncDispose]();
        await listener?.[Symbol.asyncDispose]();
      } finally {
        await release();
      }
    },
  };
}

/** How often a wait looks at what it waits for. */
const lookMs = 250;

async function holdFolder(
  folder: string,
  { waitMs, commandWait }: Pick<SharedStationOptions, 'waitMs' | 'commandWait'>,
): Promise<() => Promise<void>> {
  await makeFolder(folder).catch((error: unknown) => {
    throw toFileError(error, folder, 'write');
  });
  const path = join(folder, 'station.lock');
  const deadline = performance.now() + waitMs;
  let commandPid: number | null = null;
  for (;;) {
    try {
      return await acquireLock(path, { timeoutMs: Math.min(waitMs, lookMs), signal: commandWait?.signal });
    } catch (error) {
      if (!isCanopusError(error, 'cache/locked')) throw error;
      const pid = Number(error.details['pid']);
      // It is written a moment after the folder is held.
      const file = await readStationFile(folder);
      const told = file?.pid === pid ? file : null;
      const sentence = `${whoRuns(told, pid)} works with ${folder}.`;
      if (told?.host === 'cli' && commandWait !== undefined) {
        if (commandPid !== pid) commandWait.onWait(sentence);
        commandPid = pid;
      }
      // A command that is ending has removed the file already.
      if (commandPid !== pid && performance.now() >= deadline) {
        throw new CanopusError('host/station-running', sentence, { folder, pid }, { state: 'untouched' });
      }
    }
  }
}

function whoRuns(file: StationFile | null, pid: number): string {
  if (file === null) return `Process ${pid}`;
  const command = file.command === null ? 'A command' : `"${file.command}"`;
  return `${{ electron: 'A window', headless: '"canopus serve"', cli: command }[file.host]}, process ${pid},`;
}

async function listen(
  { folders, host, command, sim, log }: SharedStationOptions,
  serve: (link: TextLink) => Served,
): Promise<LocalListener> {
  const token = randomBytes(32).toString('base64url');
  const hello = { protocol: contractProtocol, version: canopusVersion, token };
  const at = localAddress(await realpath(folders.data), {
    platform: process.platform,
    env: process.env,
    temporaryFolder: tmpdir(),
    userId: process.getuid?.() ?? null,
  });
  const listener = await listenLocally({
    at,
    hello,
    accept: serve,
    onRefused: (why) => void log(new Error(`a program was refused: ${why}`), 'local listener'),
  });
  try {
    const wholeSim = sim === undefined ? null : await realpath(sim);
    await writeStationFile(folders.data, {
      ...hello,
      address: at.address,
      pid: process.pid,
      host,
      command: command ?? null,
      sim: wholeSim,
    });
    return listener;
  } catch (error) {
    await listener[Symbol.asyncDispose]();
    throw error;
  }
}
