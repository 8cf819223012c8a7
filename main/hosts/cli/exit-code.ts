import type { CanopusError } from '../../../app/errors.ts';
import type { ExitClass } from '../../../app/errors/error-row.ts';
import { errorTable } from '../../../app/errors/error-table.ts';

/** Exit codes of the command line; scripts depend on them. */
export const exitCodes = {
  done: 0,
  usage: 2,
  /** A check refused before anything was written. */
  refused: 3,
  /** The device was not found or was lost. */
  device: 4,
  failed: 5,
  cancelled: 130,
} as const satisfies Readonly<Record<ExitClass | 'done', number>>;

/** The exit code for a failure: by its meaning for a script, and `refused` only while nothing was changed. */
export function exitCodeFor({ code, state }: CanopusError): number {
  const exit: ExitClass = errorTable[code].exit;
  const isUntouched = state === null || state === 'untouched' || state === 'pi-untouched';
  return exit === 'refused' && !isUntouched ? exitCodes.failed : exitCodes[exit];
}
