import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BackupSink } from '../../app/flash/dfu-backup.ts';
import { syncFolder, temporarySuffix } from '../files/atomic-file.ts';
import { toFileError } from '../files/file-errors.ts';

export interface BackupFile extends BackupSink, AsyncDisposable {}

/**
 * A backup that appears under `path` only when it is whole and on disk; an existing file there is replaced then and
 * not before. Disposing an unfinished one leaves nothing behind. Rejects with `file/unwritable`, `file/disk-full`,
 * `file/missing` (no such folder).
 */
export async function createBackupFile(path: string): Promise<BackupFile> {
  const temporary = `${path}${temporarySuffix}`;
  const guard = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw toFileError(error, path, 'write');
    }
  };
  const file = await guard(open(temporary, 'w'));
  let isOpen = true;
  return {
    write: (bytes) => guard(file.writeFile(bytes)),
    complete: () =>
      guard(
        (async () => {
          await file.sync();
          await file.close();
          isOpen = false;
          await rename(temporary, path);
          await syncFolder(dirname(path));
        })(),
      ),
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}
