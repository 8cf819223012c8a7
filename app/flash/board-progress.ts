import type { BoardState } from '../errors.ts';
import { CanopusError, toCanopusError } from '../errors.ts';

/** What the run has done to the board so far; kept current, so that any failure can report it. */
export interface BoardProgress {
  state: BoardState;
  sectorsErased: number;
}

/** Throws `cancelled` once the signal is aborted. Called between two operations only. */
export function throwIfCancelled(signal: AbortSignal | undefined, board: BoardProgress): void {
  if (signal?.aborted) throw cancelled(signal.reason, board.state);
}

function cancelled(reason: unknown, state: BoardState): CanopusError {
  return new CanopusError('cancelled', 'The work was cancelled.', {}, { cause: reason, state });
}

/**
 * Anything thrown, with the state it leaves on the board. An aborted wait throws the signal's reason, which can be
 * anything.
 */
export function withState(error: unknown, signal: AbortSignal | undefined, state: BoardState): CanopusError {
  if (!(error instanceof CanopusError) && signal?.aborted) return cancelled(error, state);
  return toCanopusError(error).withState(state);
}
