import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RunCursor, RunFilter } from '../../app/history/run-filter.ts';
import { syncFolder, temporarySuffix } from '../files/atomic-file.ts';
import { toFileError } from '../files/file-errors.ts';
import { exportPart, type ExportFormat } from './export-runs.ts';
import type { History } from './history.ts';

/**
 * Writes all matching runs to a file, a part at a time; the file appears whole or not at all. Throws `file/…` and
 * `history/…`.
 */
export async function saveRuns(
  history: History,
  filter: RunFilter,
  format: ExportFormat,
  path: string,
): Promise<void> {
  const temporary = `${path}${temporarySuffix}`;
  try {
    const file = await open(temporary, 'w');
    try {
      let after: RunCursor | null = null;
      do {
        const part: ReturnType<typeof exportPart> = exportPart(history, filter, format, after);
        await file.writeFile(part.text);
        after = part.next;
      } while (after !== null);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw toFileError(error, path, 'write');
  }
}
