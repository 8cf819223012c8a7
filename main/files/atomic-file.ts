import { throwIfCancelled } from '../../app/cancelled.ts';
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemErrorCode, toFileError } from './file-errors.ts';

/** The suffix of temporary files; a sweep after a crash removes files with it. */
export const temporarySuffix = '.canopus-tmp';

interface AtomicWriteOptions {
  readonly mode?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a whole file: temporary file in the same folder, fsync, rename, fsync of the folder. After a crash at any
 * moment `path` holds the old content or the new one. Throws as Shell's writeFile does. Our own, since the packages for
 * this listen for signals and end the process at the first Ctrl-C, while a board is being written.
 */
export async function writeFileAtomically(
  path: string,
  bytes: Uint8Array,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}${temporarySuffix}`;
  try {
    throwIfCancelled(options.signal);
    const file = await open(temporary, 'wx', options.mode ?? 0o644);
    try {
      await file.chmod(options.mode ?? 0o644);
      await file.writeFile(bytes, options.signal ? { signal: options.signal } : {});
      await file.sync();
    } finally {
      await file.close();
    }
    await renameOver(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw toFileError(error, path, 'write');
  }
}

/** Windows refuses for a moment while a virus scanner or an indexer has the old file open. */
async function renameOver(from: string, to: string): Promise<void> {
  for (let triesLeft = process.platform === 'win32' ? 20 : 0; ; triesLeft -= 1) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (triesLeft === 0 || !['EPERM', 'EACCES', 'EBUSY'].includes(systemErrorCode(error) ?? ''))
        throw error;
      await setTimeout(50);
    }
  }
}

/** Makes renames in a folder survive a power cut. Windows cannot open folders and orders renames itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
