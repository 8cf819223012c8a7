import { constants } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemErrorCode, toFileError } from '../../files/file-errors.ts';
import { dataFolders, type DataFolders } from '../../station/data-folders.ts';
import { makeFolder } from '../../files/make-folder.ts';

/** The folders that a command's own station works with. */
export interface KeptFolders extends AsyncDisposable {
  readonly folders: DataFolders;
  /** A sentence for the person if nothing can be kept; else null. */
  readonly notice: string | null;
}

/** What says that a folder is not this user's to write: a daemon's home, another user's, a read-only disk. */
const notTheirs: readonly (string | null)[] = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'];

/**
 * The folders of this user, or of `chosen`. A user without writable folders gets temporary ones, removed afterwards: a
 * board can be flashed without a home. Throws `file/…` if a chosen folder cannot be written, and on a full disk.
 */
export async function keptFolders(chosen: string | undefined): Promise<KeptFolders> {
  const folders = dataFolders(chosen);
  for (const folder of [folders.data, folders.cache, folders.log]) {
    try {
      await makeFolder(folder);
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      const reason = systemErrorCode(error);
      if (chosen !== undefined || !notTheirs.includes(reason))
        throw toFileError(error, folder, 'write').withState('untouched');
      const temporary = await mkdtemp(join(tmpdir(), 'canopus-'));
      return {
        folders: dataFolders(temporary),
        notice: `Cannot write ${folder} (${reason}): this command keeps no history, backups or images. Choose a folder with --data.`,
        [Symbol.asyncDispose]: () => rm(temporary, { recursive: true, force: true }),
      };
    }
  }
  return { folders, notice: null, [Symbol.asyncDispose]: () => Promise.resolve() };
}
