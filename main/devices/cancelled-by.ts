import { CanopusError, isCanopusError } from '../../app/errors.ts';

/** What a call rejects with because of an aborted signal: its reason where that is coded, else `cancelled`. */
export function cancelledBy(signal: AbortSignal): CanopusError {
  const { reason } = signal as { reason: unknown };
  if (isCanopusError(reason)) return reason;
  return new CanopusError('cancelled', 'The transfer was cancelled.', {}, { cause: reason });
}
