import { resolve } from 'node:path';

/** `--backup` of the commands that write through ROM DFU. */
export const backupOption = [
  '--backup [file]',
  'save all of the flash first: into this file, or, without one, where "canopus backups" lists it',
] as const;

/** The part of an order that says whether, and where to. */
export function backupOrder(backup: string | true | undefined): {
  backup: boolean;
  backupFile: string | null;
} {
  return { backup: backup !== undefined, backupFile: typeof backup === 'string' ? resolve(backup) : null };
}
