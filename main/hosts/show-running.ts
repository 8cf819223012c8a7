import { realpath } from 'node:fs/promises';
import { ContractClient } from '../../app/contract/client.ts';
import { stationContract } from '../../app/contract/station-contract.ts';
import { connectLocally } from '../links/local/connect-locally.ts';
import type { DataFolders } from '../station/data-folders.ts';
import { readStationFile } from '../station/station-file.ts';
import { systemClock } from '../system-clock.ts';
import { canopusVersion } from '../version.ts';

/** What a second start got from the station that runs already. */
export interface ShownStation {
  readonly pid: number;
  /** For a browser; null if the station has brought its own window to the front. */
  readonly link: string | null;
}

/**
 * Asks the window or `serve` that works on a data folder to show itself. Null if there is none, it is of another version,
 * or it shows other boards than `sim`. Never throws.
 */
export async function showRunning(
  { data }: DataFolders,
  sim: string | undefined,
): Promise<ShownStation | null> {
  const file = await readStationFile(data);
  if (file === null || file.host === 'cli' || file.sim !== (await whole(sim))) return null;
  const { link } = await connectLocally(file.address, { ...file, version: canopusVersion });
  if (link === null) return null;
  let next: typeof link | null = link;
  const client = new ContractClient(stationContract, {
    clock: systemClock,
    connect: () => {
      const only = next;
      next = null;
      return only === null ? Promise.reject(new Error('the station ended')) : Promise.resolve(only);
    },
  });
  try {
    return { pid: file.pid, link: await client.call('host.show', null) };
  } catch {
    return null;
  } finally {
    client.close();
  }
}

async function whole(path: string | undefined): Promise<string | null> {
  return path === undefined ? null : realpath(path).catch(() => path);
}
