import * as z from 'zod/mini';
import { confirmationsSchema } from '../boards/confirmations.ts';
import { errorCodes } from '../errors.ts';
import { troubleSchema } from '../errors/trouble.ts';
import { placeId, type PlaceId } from '../place.ts';
import type { Plain } from '../plain.ts';
import { idSchema } from '../units.ts';
import { benchRecipeSchema } from './bench-recipe.ts';

/**
 * What the bench does with a slot:
 * - `idle`: nothing; `why` says why.
 * - `probing`: a board in ROM DFU is asked for its descriptors, to find the recipe that fits.
 * - `asking`: the bench looks up which Klipper a bridge has.
 * - `writing`: a job is queued or runs.
 * - `done`, `failed`: how the job ended. `refused`: something contradicts it; nothing was written.
 */
const slotStages = ['idle', 'probing', 'asking', 'writing', 'done', 'failed', 'refused'] as const;

/** Why nothing happens on a slot that is idle. */
export const idleReasons = [
  'empty',
  'not-armed',
  'ignored',
  /** Other work or a guided flow has this port. */
  'busy',
  /** The operating system does not let the station open it. */
  'no-access',
  /** Its serial port has not appeared yet. */
  'not-ready',
  /** Nothing should start boards in this mode. */
  'other-mode',
  'done-before',
  'up-to-date',
  /** A bridge with an unknown Klipper. */
  'unknown-firmware',
  /** Enough boards are done or in progress. */
  'enough',
  /** Its board moved to another slot. */
  'moved',
] as const;
export type IdleReason = (typeof idleReasons)[number];

export const slotStateSchema = z.object({
  place: placeId,
  stage: z.enum(slotStages),
  why: z.nullable(z.enum(idleReasons)),
  /** The board of the stage, by the tracker's id; null if there is none, or it is from before a restart. */
  boardId: z.nullable(z.string()),
  uid: z.nullable(z.string()),
  canbusUuid: z.nullable(z.string()),
  recipeId: z.nullable(z.string()),
  jobId: z.nullable(idSchema),
  /** When the job was queued, ISO 8601; null while there is none. */
  jobSince: z.nullable(z.string()),
  trouble: z.nullable(troubleSchema),
  /** The marking that a person read off the chip in this slot. */
  chipMarking: z._default(confirmationsSchema.shape.chipMarking, null),
  /** A person asked for this recipe on this slot: retry, or flash again. */
  asked: z.nullable(z.object({ recipeId: z.nullable(z.string()), evenIfDone: z.boolean() })),
  /** The board moved to this slot; its job in the old one was asked to end. */
  movedTo: z.nullable(placeId),
  /** ISO 8601; since when the port is empty. Null while it is not. */
  emptySince: z.nullable(z.string()),
});

export type SlotState = Plain<z.infer<typeof slotStateSchema>>;

/** The result of one board. One that failed first and is done later only counts as done. */
export const outcomeSchema = z.object({
  place: placeId,
  uid: z.nullable(z.string()),
  recipeId: z.string(),
  result: z.enum(['done', 'failed']),
  /** ISO 8601. */
  at: z.string(),
  code: z.nullable(z.enum(errorCodes)),
});

export type Outcome = Plain<z.infer<typeof outcomeSchema>>;

/** The last event to be seen and heard. Numbers only grow. */
export const benchSignalSchema = z.object({
  number: z.int(),
  /** `complete`: as many boards as wanted are done. */
  kind: z.enum(['done', 'failed', 'complete']),
  place: placeId,
});

export type BenchSignal = Plain<z.infer<typeof benchSignalSchema>>;

/** Everything that a bench knows about its session. Plain data, stored in a file. */
export const benchStateSchema = z.object({
  /** When the first recipe was armed, ISO 8601; null before. */
  startedAt: z.nullable(z.string()),
  recipes: z.array(benchRecipeSchema),
  slots: z.array(slotStateSchema),
  outcomes: z.array(outcomeSchema),
  signal: z.nullable(benchSignalSchema),
});

export type BenchState = Plain<z.infer<typeof benchStateSchema>>;

export const emptyBench: BenchState = {
  startedAt: null,
  recipes: [],
  slots: [],
  outcomes: [],
  signal: null,
};

export function newSlot(place: PlaceId): SlotState {
  return {
    place,
    stage: 'idle',
    why: 'empty',
    boardId: null,
    uid: null,
    canbusUuid: null,
    recipeId: null,
    jobId: null,
    jobSince: null,
    trouble: null,
    chipMarking: null,
    asked: null,
    movedTo: null,
    emptySince: null,
  };
}

export const benchCountsSchema = z.object({
  done: z.int(),
  failed: z.int(),
  running: z.int(),
  /** Null if there is no limit. */
  toDo: z.nullable(z.int()),
});

export type BenchCounts = Plain<z.infer<typeof benchCountsSchema>>;

/** Of one recipe, or of all of them together. */
export function benchCounts(state: BenchState, recipeId: string | null = null): BenchCounts {
  const isOf = (id: string | null): boolean => recipeId === null || id === recipeId;
  const outcomes = state.outcomes.filter((outcome) => isOf(outcome.recipeId));
  const done = outcomes.filter(({ result }) => result === 'done').length;
  const wanted = state.recipes.filter(({ id, target }) => isOf(id) && target !== null);
  const left = wanted.map(({ id, target }) => {
    const doneOfIt = outcomes.filter((outcome) => outcome.recipeId === id && outcome.result === 'done');
    return Math.max(0, (target ?? 0) - doneOfIt.length);
  });
  return {
    done,
    failed: outcomes.length - done,
    running: state.slots.filter(({ stage, recipeId: id }) => stage === 'writing' && isOf(id)).length,
    toDo: wanted.length === 0 ? null : left.reduce((sum, count) => sum + count, 0),
  };
}

/** True while something new may be started without a click. */
export function isArmed({ recipes }: BenchState): boolean {
  return recipes.some((recipe) => recipe.isArmed);
}
