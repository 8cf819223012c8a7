import { CanopusError, toCanopusError } from '../errors.ts';

/** Writes what nobody named to the log and returns the id under which it can be found there. */
export type InternalLog = (error: unknown, where: string) => string;

/** What was thrown, as it may be shown in a window: of an error that nobody named only the log id. */
export function crossableError(thrown: unknown, where: string, log: InternalLog): CanopusError {
  const error = toCanopusError(thrown);
  if (error.code !== 'internal') return error;
  const logId = log(thrown, where);
  return new CanopusError(
    'internal',
    `Something unexpected happened; the log has it as ${logId}.`,
    { logId },
    error.state === null ? {} : { state: error.state },
  );
}
