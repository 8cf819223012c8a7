import { CanopusError, toCanopusError } from '../../app/errors.ts';
import type { RunRecorder } from '../jobs/run-recorder.ts';
import type { History, HistoryOptions } from './history.ts';

/** The history, or why there is none: flashing works without. */
export interface HistoryAccess extends Disposable {
  /** Null if there is no history to write to. */
  readonly recorder: RunRecorder | null;
  /** Why there is none. */
  readonly trouble: CanopusError | null;
  /** See `History.heldImages`; none without a history. */
  heldImages(): Promise<ReadonlySet<string>>;
  /** The history; throws why there is none. */
  open(): History;
}

/** Opens a history; if that fails, calls `onTrouble` and leaves the station without one. */
export async function openHistoryIfPossible(
  options: HistoryOptions,
  onTrouble: (error: CanopusError) => void,
): Promise<HistoryAccess> {
  try {
    const history = await openHistory(options);
    return {
      recorder: history.recorder,
      trouble: null,
      heldImages: () => Promise.resolve(history.heldImages()),
      open: () => history,
      [Symbol.dispose]: () => history[Symbol.dispose](),
    };
  } catch (thrown) {
    const error = toCanopusError(thrown);
    onTrouble(error);
    return {
      recorder: null,
      trouble: error,
      heldImages: () => Promise.resolve(new Set()),
      open: () => {
        throw error;
      },
      [Symbol.dispose]: () => undefined,
    };
  }
}

/** Opens the history of a folder. Throws `history/…`. */
export async function openHistory(options: HistoryOptions): Promise<History> {
  const { History } = await import('./history.ts').catch((cause: unknown) => {
    // There is no SQLite build for this system, or the system refuses to load it.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CanopusError('history/unwritable', `SQLite cannot be loaded: ${reason}`, {}, { cause });
  });
  return History.open(options);
}
