import { placeId } from '../place.ts';
import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { sha256Schema } from '../units.ts';

/** Names a backup: date and time (UTC) and four hex digits, `20261126-101530-3fa2`. */
export const backupId = z.string().check(z.regex(/^\d{8}-\d{6}-[0-9a-f]{4}$/));

export function isBackupId(text: string): boolean {
  return backupId.safeParse(text).success;
}

const text = z.nullable(z.string());

/** What is known about a backup of one chip's flash. */
export const backupRecord = z.object({
  format: z.literal(1),
  id: backupId,
  /** When it was complete; ISO 8601, UTC. */
  at: z.string(),
  /** Of the bytes, lower-case hex. */
  sha256: sha256Schema,
  /** All of the chip's flash, from 0x08000000. */
  flashBytes: z.int().check(z.gte(1)),
  /** How long the chip took to send it, on the clock of the run. */
  durationMs: z.number(),
  /** The path of the bytes if a person named a file; null in the station's own folder. */
  file: text,
  /** Where the board was. */
  place: placeId,
  virtual: z.boolean(),
  /** The chip's UID, from its ROM or from the Katapult that came up in the same run; null while unknown. */
  uid: text,
  /** As the ROM shows it on USB: not an identity, but if two differ the chips do. */
  dfuSerial: text,
  presetId: text,
  variantId: text,
  /** The run that took it, in the history of this computer. */
  runId: z.nullable(z.int()),
});

export type BackupRecord = Plain<z.infer<typeof backupRecord>>;
