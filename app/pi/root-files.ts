import { isCanopusError } from '../errors.ts';
import type { PiFacts } from './facts.ts';
import { hiddenNetworkFiles, isNamedCan } from './network-units.ts';
import type { RootFiles } from './parse-facts.ts';
import type { PiHost } from './pi-host.ts';

/**
 * What a plan has to know and only root may read. A virtual network of another kind keeps its keys: it is no CAN
 * interface.
 */
export function pathsForRoot(facts: PiFacts): string[] {
  return hiddenNetworkFiles(facts)
    .filter(({ path, why }) => {
      const isOthers = path.endsWith('.netdev') && !isNamedCan(path.slice(facts.root.length));
      return why === 'not-readable' && !isOthers;
    })
    .map(({ path }) => path);
}

/** The facts with what root has read. What it did not read, for whatever reason, stays hidden. */
export function withRootFiles(facts: PiFacts, read: RootFiles): PiFacts {
  const files = new Map(facts.files);
  const unread = new Map(facts.unread);
  for (const path of read.opened) unread.delete(path);
  for (const file of read.files) {
    files.set(file.path, file);
    unread.delete(file.path);
  }
  for (const [path, file] of read.unread) unread.set(path, file);
  const units = new Map([...facts.units, ...read.units]);
  return { ...facts, files, unread, units, readAsRoot: read.files.map(({ path }) => path) };
}

/**
 * The facts with the files that only root may read, where a person gives the password that this needs; without one, and
 * for a user who may not use sudo, they stay hidden. Throws as `PiHost.unlockRoot` and `PiHost.readAsRoot` do.
 */
export async function unhidden(
  host: PiHost,
  facts: PiFacts,
  ask: (attempt: number) => Promise<string | null>,
): Promise<PiFacts> {
  const paths = pathsForRoot(facts);
  if (paths.length === 0) return facts;
  try {
    await host.unlockRoot(facts, ask);
  } catch (error) {
    if (isCanopusError(error, 'pi/sudo-password-needed') || isCanopusError(error, 'pi/sudo-missing'))
      return facts;
    throw error;
  }
  return withRootFiles(facts, await host.readAsRoot(facts, paths));
}

/** Does the work, and once more as root where it came to a file that only root may read. */
export async function withRootIfNeeded<T>(
  host: PiHost,
  facts: PiFacts,
  ask: (attempt: number) => Promise<string | null>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isCanopusError(error, 'pi/file-unreadable')) throw error;
    await host.unlockRoot(facts, ask);
    return work();
  }
}
