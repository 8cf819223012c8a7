import { CanopusError } from './errors.ts';

/** The error of work that was cancelled before it was done. */
export function cancelled(options: { readonly cause?: unknown } = {}): CanopusError {
  return new CanopusError('cancelled', 'The work was cancelled.', {}, options);
}

/** Throws `cancelled` if the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled();
}
