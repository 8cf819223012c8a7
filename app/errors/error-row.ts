import type { System } from '../system.ts';

/** What a failure means to a script, and so the exit code of the command line. */
export type ExitClass =
  /** The command or its input was wrong. */
  | 'usage'
  /** A check said no, and nothing was changed. */
  | 'refused'
  /** A board, a Pi or the way to it was not found or was lost. */
  | 'device'
  | 'failed'
  | 'cancelled';

/** Whole sentences: one text, or one per system of the station where the remedy differs. */
export type Words = string | Readonly<Record<System, string>>;

/** Where a person reads a text: what it may name differs. */
export type Surface = 'window' | 'terminal';

/** A text for each place where a person reads it. */
export interface SurfaceWords {
  /** Names buttons, fields and pages; never a command or an option. */
  readonly window: Words;
  /** Names commands and options; left out where `window` does as well. */
  readonly terminal?: Words;
}

/** Another next step for an error with certain details. */
export interface NextStepCase extends SurfaceWords {
  /** Details and the values they must have; `true` for any value, which may then stand in the words as `{name}`. */
  readonly when: Readonly<Record<string, string | true>>;
}

/**
 * One failure that the station can name, in the form of a message catalogue: whole sentences, where a value stands
 * as `{name}`, never put together from parts.
 */
export interface ErrorRow {
  /** What it is, in a few words, for a heading. */
  readonly title: string;
  /** What to do now, one or two sentences. */
  readonly next: SurfaceWords;
  /** The first that fits the details of the error takes the place of `next`. */
  readonly cases?: readonly NextStepCase[];
  readonly exit: ExitClass;
}

export type ErrorRows = Readonly<Record<string, ErrorRow>>;
