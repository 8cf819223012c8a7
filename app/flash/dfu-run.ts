import type { Clock } from '../transport/clock.ts';
import type { UsbLink } from '../transport/usb-link.ts';
import { throwIfCancelled, withState, type BoardProgress } from './board-progress.ts';
import { openDfu } from './dfu-open.ts';
import type { DfuSession } from './dfu-session.ts';
import type { FlashEvent } from './flash-event.ts';

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
