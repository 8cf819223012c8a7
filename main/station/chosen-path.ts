import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { CanopusError } from '../../app/errors.ts';
import type { HostFeatures } from './host-features.ts';

/**
 * A free name in the folder that the person chooses; null if none was chosen. Throws `usage/invalid` if the host has no
 * dialog for it.
 */
export async function chosenPath(
  host: Pick<HostFeatures, 'chooseFolder'>,
  name: string,
): Promise<string | null> {
  if (host.chooseFolder === null) {
    throw new CanopusError('usage/invalid', 'This host has no dialog for folders.');
  }
  const folder = await host.chooseFolder();
  if (folder === null) return null;
  const taken = new Set(await readdir(folder).catch(() => []));
  const { name: stem, ext } = parse(name);
  for (let count = 1; ; count++) {
    const free = count === 1 ? name : `${stem}-${count}${ext}`;
    if (!taken.has(free)) return join(folder, free);
  }
}
