import type { BoardImages } from './board-images.ts';
import type { FlashBoardEvent } from './board-event.ts';
import type { CrystalSearchOptions } from './crystal-images.ts';
import type { WriteImageOptions } from './write-image.ts';

export interface RunOptions extends Pick<
  WriteImageOptions,
  'place' | 'signal' | 'backup' | 'confirmReadUnprotect' | 'checkTarget'
> {
  readonly onEvent: (event: FlashBoardEvent) => void;
  readonly search?: CrystalSearchOptions | undefined;
  /**
   * Called before other images than the ordered ones are written: those that a search tries, and those for its result.
   */
  readonly onImages?: ((images: BoardImages) => void) | undefined;
  /** How long a person may take for the jumper and the power. */
  readonly personTimeoutMs?: number | undefined;
  /** How long a board may take to come back automatically after a reset. */
  readonly returnTimeoutMs?: number | undefined;
}

/** Real boards enumerate within 2 s; slow hubs and a loaded computer have been seen to need 8 s. */
const returnTimeoutMs = 10_000;
const personTimeoutMs = 15 * 60_000;

/** `options` with all time-outs for boards and people. */
export function withTimes(options: RunOptions): RunOptions & Required<RunTimes> {
  return {
    ...options,
    returnTimeoutMs: options.returnTimeoutMs ?? returnTimeoutMs,
    personTimeoutMs: options.personTimeoutMs ?? personTimeoutMs,
  };
}

interface RunTimes {
  readonly personTimeoutMs: number;
  readonly returnTimeoutMs: number;
}

export type TimedOptions = ReturnType<typeof withTimes>;
