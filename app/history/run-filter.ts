import * as z from 'zod/mini';
import { sha256Schema } from '../units.ts';
import { runStatuses } from './run-record.ts';

const words = z.string().check(z.maxLength(200));

/** The wanted runs; missing fields do not matter. Times are ISO 8601, UTC. */
export const runFilter = z.strictObject({
  /** Words that occur in anything shown of a run, in any order. */
  text: z.optional(words),
  /** 24 hex digits, either case. */
  uid: z.optional(words),
  canbusUuid: z.optional(words),
  /** Begun at this time or later. */
  since: z.optional(words),
  /** Begun before this time. */
  until: z.optional(words),
  status: z.optional(z.enum(runStatuses)),
  presetId: z.optional(words),
  operator: z.optional(words),
  /** The slot's name, or the port path if it has none. */
  slot: z.optional(words),
  /** SHA-256 of an image that was to be written, lower-case hex. */
  image: z.optional(sha256Schema),
  session: z.optional(words),
  /** Default: real boards. */
  boards: z.optional(z.enum(['real', 'virtual', 'all'])),
});

export type RunFilter = Readonly<z.infer<typeof runFilter>>;

/** A place in the list of runs, which is ordered by the start of the run, newest first. */
export const runCursor = z.strictObject({ startedAt: z.string().check(z.maxLength(40)), id: z.int() });

export type RunCursor = Readonly<z.infer<typeof runCursor>>;
