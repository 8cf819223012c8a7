import { join } from 'node:path';
import type { Clock } from '../../../app/transport/clock.ts';
import type { BackupStore } from '../../backups/backup-store.ts';
import type { RunBackup, RunBackupOptions } from '../../backups/run-backup.ts';
import { recordedBoard, type ChosenBoardOptions } from './flash-options.ts';

/** `--backup` of the commands that write through ROM DFU. */
export const backupOption = [
  '--backup [file]',
  'save all of the flash first: into this file, or, without one, where "canopus backups" lists it',
] as const;

/** The backups of this user, or of a data folder. */
export async function openBackups(dataFolder: string | undefined): Promise<BackupStore> {
  const [{ BackupStore }, { dataFolders }] = await Promise.all([
    import('../../backups/backup-store.ts'),
    import('../../station/data-folders.ts'),
  ]);
  return new BackupStore(join(dataFolders(dataFolder).data, 'backups'));
}

/** The requested backup; undefined if none was. */
export async function runBackup(
  clock: Clock,
  options: ChosenBoardOptions & { readonly backup?: string | true },
  runId: number | null,
  onEvent: RunBackupOptions['onEvent'],
): Promise<RunBackup | undefined> {
  const { backup, port, preset, sim, data } = options;
  if (backup === undefined) return undefined;
  const { RunBackup } = await import('../../backups/run-backup.ts');
  const board = await recordedBoard(preset);
  return new RunBackup({
    store: await openBackups(data),
    clock,
    file: backup === true ? null : backup,
    facts: {
      place: port,
      virtual: sim !== undefined,
      presetId: board?.presetId ?? null,
      variantId: board?.variantId ?? null,
      runId,
    },
    onEvent,
  });
}
