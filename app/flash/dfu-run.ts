import type { BoardState } from '../errors.ts';
import { CanopusError, toCanopusError } from '../errors.ts';
import type { Clock } from '../transport/clock.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import { openDfu } from './dfu-open.ts';
import type { DfuSession } from './dfu-session.ts';
import type { FlashEvent } from './flash-event.ts';

/** What the run has done to the board so far; kept current, so that a failure anywhere can say so. */
export interface BoardProgress {
  state: BoardState;
  sectorsErased: number;
}

export interface DfuRunOptions {
  readonly clock: Clock;
  /** Cancels after the sector or block that is under way. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The frame of every run through ROM DFU: opens the session, does the work, leaves the device in dfuIDLE where the work
 * did not come to its end. The link stays the caller's, also to close. Whatever is thrown is a `CanopusError` with the
 * state that the board is left in.
 */
export async function* dfuRun<Report>(
  link: UsbLink,
  { clock, signal }: DfuRunOptions,
  work: (session: DfuSession, board: BoardProgress) => AsyncGenerator<FlashEvent, Report, void>,
): AsyncGenerator<FlashEvent, Report, void> {
  const board: BoardProgress = { state: 'untouched', sectorsErased: 0 };
  let session: DfuSession | null = null;
  let finished = false;
  try {
    throwIfCancelled(signal, board);
    yield { type: 'phase', phase: 'connect', safeToStop: true };
    session = await openDfu(link, { clock, signal });
    const report = yield* work(session, board);
    finished = true;
    return report;
  } catch (error) {
    throw withState(error, signal, board.state);
  } finally {
    if (!finished) await session?.settle();
  }
}

/** Rejects with `cancelled` once the signal is aborted. Called between two operations only. */
export function throwIfCancelled(signal: AbortSignal | undefined, board: BoardProgress): void {
  if (signal?.aborted) throw cancelled(signal.reason, board.state);
}

function cancelled(reason: unknown, state: BoardState): CanopusError {
  return new CanopusError('cancelled', 'The work was cancelled.', {}, { cause: reason, state });
}

/** Whatever was thrown, with what it leaves on the board. An aborted wait shows as the signal's reason: anything. */
function withState(error: unknown, signal: AbortSignal | undefined, state: BoardState): CanopusError {
  if (!(error instanceof CanopusError) && signal?.aborted) return cancelled(error, state);
  return toCanopusError(error).withState(state);
}
