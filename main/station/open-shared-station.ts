import { randomBytes } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
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

interface SharedStationOptions extends Omit<ServicesOptions, 'station' | 'tidies'> {
  /** Called once the folder is held; what it opens is not closed with the services. */
  readonly openStation: () => Promise<Station>;
  readonly host: StationFile['host'];
  /** The bench file that replaces all USB. */
  readonly sim: string | undefined;
  /** How long to wait for another station to end. */
  readonly waitMs: number;
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
  const release = await holdFolder(folders.data, options.waitMs);
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

async function holdFolder(folder: string, waitMs: number): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw toFileError(error, folder, 'write');
  });
  try {
    return await acquireLock(join(folder, 'station.lock'), { timeoutMs: waitMs });
  } catch (error) {
    if (isCanopusError(error, 'cache/locked')) throw await stationRunning(folder, error);
    throw error;
  }
}

const hostWords = { electron: 'a window', headless: '"canopus serve"', cli: 'a command' } as const;

/** The message about the station that has a data folder. */
async function stationRunning(folder: string, { details }: CanopusError): Promise<CanopusError> {
  const file = await readStationFile(folder);
  const pid = Number(details['pid']);
  const who = file?.pid === pid ? `${hostWords[file.host]}, process ${pid},` : `process ${pid}`;
  return new CanopusError(
    'host/station-running',
    `${capital(who)} works with ${folder}.`,
    { folder, pid },
    { state: 'untouched' },
  );
}

const capital = (text: string): string => text.replace(/^[a-z]/, (letter) => letter.toUpperCase());

async function listen(
  { folders, host, sim, log }: SharedStationOptions,
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
      sim: wholeSim,
    });
    return listener;
  } catch (error) {
    await listener[Symbol.asyncDispose]();
    throw error;
  }
}
