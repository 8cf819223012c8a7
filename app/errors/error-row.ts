import type { System } from '../system.ts';

/** What a failure means to a script, and so the exit code of the command line. */
export type ExitClass =
  /** The command or its input was wrong. */
  | 'usage'
  /** A check refused, and nothing was changed. */
  | 'refused'
  /** A board, a Pi or the way to it was missing or was lost. */
  | 'device'
  | 'failed'
  | 'cancelled';

/** Whole sentences: one text, or one per system of the station if the remedy differs. */
export type Words = string | Readonly<Record<System, string>>;

/** Where a person reads a text, which decides what it may name. */
export type Surface = 'window' | 'terminal';

/** A text for each place where a person reads it. */
export interface SurfaceWords {
  /** Names buttons, fields and pages; never a command or an option. */
  readonly window: Words;
  /** Names commands and options; left out if `window` does as well. */
  readonly terminal?: Words;
}

/** A different next step for an error with certain details. */
export interface NextStepCase extends SurfaceWords {
  /** Details and the values they must have; `true` for any value, which the text may then use as `{name}`. */
  readonly when: Readonly<Record<string, string | true>>;
}

/**
 * One failure that the station can name, as a row of a message catalogue: whole sentences with values as
 * `{name}`, never put together from parts.
 */
export interface ErrorRow {
  /** What it is, in a few words, for a heading. */
  readonly title: string;
  /** What to do now, one or two sentences. */
  readonly next: SurfaceWords;
  /** The first that fits the details of the error replaces `next`. */
  readonly cases?: readonly NextStepCase[];
  readonly exit: ExitClass;
}

export type ErrorRows = Readonly<Record<string, ErrorRow>>;
