import { CanopusError, toCanopusError } from '../errors.ts';

/** Writes an error without a code to the log and returns its id there. */
export type InternalLog = (error: unknown, where: string) => string;

/** What was thrown, in a form that a window may show: for an error without a code only the log id. */
export function crossableError(thrown: unknown, where: string, log: InternalLog): CanopusError {
  const error = toCanopusError(thrown);
  if (error.code !== 'internal') return error;
  const logId = log(thrown, where);
  return new CanopusError(
    'internal',
    `An unexpected error; it is in the log as ${logId}.`,
    { logId },
    error.state === null ? {} : { state: error.state },
  );
}
