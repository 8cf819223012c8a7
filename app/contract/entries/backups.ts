import { placeId } from '../../place.ts';
import * as z from 'zod/mini';
import { backupId, backupRecord } from '../../backups/backup-record.ts';
import { call } from '../define.ts';
import { jobId } from './jobs.ts';

export const backupEntries = {
  /**
   * What is kept of the flash of boards as it was before it was written, the latest first; of one chip where a UID is
   * given. `damaged`: ids of records that are not as they were written. Rejects with `file/unreadable`.
   */
  'backups.list': call({
    input: z.strictObject({ uid: z.nullable(z.string().check(z.maxLength(24))) }),
    output: z.object({
      backups: z.array(backupRecord),
      damaged: z.array(z.string()),
      /** On the station's computer, of those for which no file was named. */
      folder: z.string(),
    }),
  }),
  /**
   * Starts putting a backup back on the board that is in ROM DFU on a port. `label` is what a person read off the board,
   * or the backup's id where the backup has no UID; null if not confirmed: the job then fails with
   * `backup/not-confirmed` if the chip does not tell who it is. Rejects with `backup/…`, `file/…`, and with
   * `bench/port-armed` where the bench would write to the board again at once.
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
