import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeFileAtomically } from '../files/atomic-file.ts';

const hosts = ['electron', 'headless', 'cli'] as const;

const format = z.object({
  /** Where the station listens. */
  address: z.string(),
  /** Anyone who can read this file may use the station. */
  token: z.string(),
  protocol: z.string(),
  version: z.string(),
  pid: z.int(),
  host: z.enum(hosts),
  /** Of a command: its words, such as `canopus flash`. */
  command: z._default(z.nullable(z.string()), null),
  /** The bench file of a station with virtual boards, as a whole path. */
  sim: z.nullable(z.string()),
});

/** What a station writes to its data folder about how to reach it. */
export type StationFile = z.output<typeof format>;

const pathIn = (dataFolder: string): string => join(dataFolder, 'station.json');

/** Only its user may read it. On Windows, files of a profile belong to their user alone. */
export async function writeStationFile(dataFolder: string, file: StationFile): Promise<void> {
  await writeFileAtomically(pathIn(dataFolder), Buffer.from(`${JSON.stringify(file, null, 2)}\n`), {
    mode: 0o600,
  });
}

/** Null if there is no readable one. A killed station leaves its own behind. */
export async function readStationFile(dataFolder: string): Promise<StationFile | null> {
  try {
    return format.parse(JSON.parse(await readFile(pathIn(dataFolder), 'utf8')));
  } catch {
    return null;
  }
}

export async function removeStationFile(dataFolder: string): Promise<void> {
  await rm(pathIn(dataFolder), { force: true });
}
