import { errorTable } from './errors/error-table.ts';
import { boardStateTable, piStateTable } from './errors/left-states.ts';

/** The code of a failure. A code is added as a row in `errors/`, in the file of its area, and nowhere else. */
export type ErrorCode = keyof typeof errorTable;

export const errorCodes = Object.keys(errorTable) as ErrorCode[];

export type BoardState = keyof typeof boardStateTable;

export const boardStates = Object.keys(boardStateTable) as BoardState[];

export type PiState = keyof typeof piStateTable;

const piStates = Object.keys(piStateTable) as PiState[];

/** Of a board or of a Pi, whichever the work was on. */
export type LeftState = BoardState | PiState;

export const leftStates: readonly LeftState[] = [...boardStates, ...piStates];

/** Plain values only: details cross process boundaries and are shown to people. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

interface CanopusErrorOptions {
  readonly cause?: unknown;
  readonly state?: LeftState;
}

/**
 * The one error class. `message` says what happened in plain words with the figures in it; what to do next comes
 * from `nextStep` by `code`.
 */
export class CanopusError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** What the failure leaves behind on the board or the Pi; set by whoever knows, usually the flasher. */
  readonly state: LeftState | null;

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
    options: CanopusErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CanopusError';
    this.code = code;
    this.details = details;
    this.state = options.state ?? null;
  }

  /** The same failure, with the state added by a caller that knows it; an earlier state is kept. */
  withState(state: LeftState): CanopusError {
    return this.state === null ? this.leaving(state) : this;
  }

  /**
   * The failure of one step, with what the whole work has left behind: a step that changed nothing leaves what the
   * steps before it made.
   */
  leaving(state: LeftState): CanopusError {
    if (this.state !== null && this.state !== 'untouched') return this;
    return new CanopusError(this.code, this.message, this.details, { cause: this.cause ?? this, state });
  }
}

/** True for a CanopusError, of this code where one is given. */
export function isCanopusError(error: unknown, code?: ErrorCode): error is CanopusError {
  return error instanceof CanopusError && (code === undefined || error.code === code);
}

/** Anything thrown, as a CanopusError: an abort becomes `cancelled`, what nobody named becomes `internal`. */
export function toCanopusError(error: unknown): CanopusError {
  if (error instanceof CanopusError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new CanopusError('cancelled', 'The work was cancelled.', {}, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CanopusError('internal', message, {}, { cause: error });
}
