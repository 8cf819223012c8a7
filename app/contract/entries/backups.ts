import { placeId } from '../../place.ts';
import * as z from 'zod/mini';
import { backupId, backupRecord } from '../../backups/backup-record.ts';
import { call } from '../define.ts';
import { filePath, operatorName } from './flash.ts';
import { jobId } from './jobs.ts';

/** A backup by its id, or a file with the bytes of one, a whole path; one of the two. */
const backupSource = {
  backupId: z.nullable(backupId),
  file: z._default(z.nullable(filePath), null),
};

/** What a person read off the board; null if nothing. */
const label = z.nullable(z.string().check(z.maxLength(300)));

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
  /** What is known about one; for a file, if it is on record. Its bytes are read and checked. Throws `backup/…`, `file/…`. */
  'backups.inspect': call({
    input: z.strictObject(backupSource),
    output: z.object({
      /** Its id, or the name of a file of which nothing is on record. */
      name: z.string(),
      flashBytes: z.int(),
      record: z.nullable(backupRecord),
    }),
  }),
  /**
   * Whether a restore would be refused before its first write: reads backup and chip, changes nothing, and leaves no
   * record of a run. Throws what the job of `backups.restore` would fail with, and what that call throws.
   */
  'backups.check': call({
    input: z.strictObject({ place: placeId, ...backupSource, label }),
    output: z.null(),
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
      ...backupSource,
      label,
      /** Who does it, for the history; null: as the settings have it. */
      operator: z._default(z.nullable(operatorName), null),
    }),
    output: z.object({ jobId }),
  }),
};
