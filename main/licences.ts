import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StationOutput } from '../app/contract/station-contract.ts';
import { stationContract } from '../app/contract/station-contract.ts';
import { systemErrorCode } from './files/file-errors.ts';
import { resourcesDirectory } from './resources.ts';

/** Of one part of this program that others made. */
export type Licence = NonNullable<StationOutput<'app.licences'>>[number];

/**
 * What of others is in this program: written when it is packed or built (resources/setup/notices.mjs). Null in a
 * checkout that was not built.
 */
export async function readLicences(resources = resourcesDirectory()): Promise<readonly Licence[] | null> {
  for (const path of [
    join(resources, 'notices.json'),
    join(resources, '..', 'out', 'notices', 'notices.json'),
  ]) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (systemErrorCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (text !== null) return stationContract['app.licences'].output.parse(JSON.parse(text));
  }
  return null;
}
