import { placeId } from '../../place.ts';
import * as z from 'zod/mini';
import { backupId, backupRecord } from '../../backups/backup-record.ts';
import { call } from '../define.ts';
import { jobId } from './jobs.ts';

export const backupEntries = {
  /**
   * The backups of boards' flash, newest first; those of one chip if a UID is given. `damaged`: ids of altered records.
   * Throws `file/unreadable`.
   */
  'backups.list': call({
    input: z.strictObject({ uid: z.nullable(z.string().check(z.maxLength(24))) }),
    output: z.object({
      backups: z.array(backupRecord),
      damaged: z.array(z.string()),
      /** On the station's computer, for backups without a named file. */
      folder: z.string(),
    }),
  }),
  /**
   * Starts restoring a backup to the board in ROM DFU on a port. `label` is what a person read off the board, or the
   * backup's id if the backup has no UID; null if not confirmed: the job then fails with `backup/not-confirmed` if the
   * chip does not identify itself. Throws `backup/…`, `file/…`, and `device/claimed` if other work writes to the board, or
   * would at once.
   */
  'backups.restore': call({
    input: z.strictObject({
      place: placeId,
      backupId,
      label: z.nullable(z.string().check(z.maxLength(300))),
    }),
    output: z.object({ jobId }),
  }),
};
