import { errorTable } from './errors/error-table.ts';
import { boardStateTable, piStateTable } from './errors/left-states.ts';

/** The code of a failure. A code is added as a row in `errors/`, in the file of its area, and nowhere else. */
export type ErrorCode = keyof typeof errorTable;

export const errorCodes = Object.keys(errorTable) as ErrorCode[];

export type BoardState = keyof typeof boardStateTable;

export const boardStates = Object.keys(boardStateTable) as BoardState[];

export type PiState = keyof typeof piStateTable;

const piStates = Object.keys(piStateTable) as PiState[];

/** Of a board or of a Pi, depending on the work. */
export type LeftState = BoardState | PiState;

export const leftStates: readonly LeftState[] = [...boardStates, ...piStates];

/** Plain values only: details cross process boundaries and are shown to people. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

interface CanopusErrorOptions {
  readonly cause?: unknown;
  readonly state?: LeftState;
}

/**
 * The only error class. `message` says in plain words what happened, with the figures; the next step comes from
 * `nextStep` by `code`.
 */
export class CanopusError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** What the failure leaves behind on the board or the Pi; set where it is known, usually by the flasher. */
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
   * The failure of one step, with the state that the whole work leaves behind: a step that changed nothing leaves the
   * result of the steps before it.
   */
  leaving(state: LeftState): CanopusError {
    if (this.state !== null && this.state !== 'untouched') return this;
    return new CanopusError(this.code, this.message, this.details, { cause: this.cause ?? this, state });
  }
}

/** True for a CanopusError, of this code if one is given. */
export function isCanopusError(error: unknown, code?: ErrorCode): error is CanopusError {
  return error instanceof CanopusError && (code === undefined || error.code === code);
}

/** Anything thrown, as a CanopusError: an abort becomes `cancelled`, an error without a code becomes `internal`. */
export function toCanopusError(error: unknown): CanopusError {
  if (error instanceof CanopusError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new CanopusError('cancelled', 'The work was cancelled.', {}, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CanopusError('internal', message, {}, { cause: error });
}
