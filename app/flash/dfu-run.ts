import type { BoardState } from '../errors.ts';
import { CanopusError, toCanopusError } from '../errors.ts';
import type { Clock } from '../transport/clock.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import { openDfu } from './dfu-open.ts';
import type { DfuSession } from './dfu-session.ts';
import type { FlashEvent } from './flash-event.ts';

/** What the run has done to the board so far; kept current, so that any failure can report it. */
export interface BoardProgress {
  state: BoardState;
  sectorsErased: number;
}

export interface DfuRunOptions {
  readonly clock: Clock;
  /** Cancels after the current sector or block. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The frame of every run through ROM DFU: opens the session, does the work, and leaves the device in dfuIDLE if the
 * work did not complete. The caller owns and closes the link. Everything thrown is a `CanopusError` with the state of
 * the board.
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
function withState(error: unknown, signal: AbortSignal | undefined, state: BoardState): CanopusError {
  if (!(error instanceof CanopusError) && signal?.aborted) return cancelled(error, state);
  return toCanopusError(error).withState(state);
}
