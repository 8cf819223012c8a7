import type { PlaceId } from '../place.ts';
import type { CanopusError, ErrorCode, ErrorDetails } from '../errors.ts';
import type { BenchRecipe } from './bench-recipe.ts';

/**
 * What the bench does with what is on a slot:
 * - `idle`: nothing; `why` says why not.
 * - `probing`: a board in ROM DFU is asked for its descriptors, to find the recipe that fits.
 * - `asking`: it is looked up which Klipper a bridge has.
 * - `writing`: a job is queued or runs.
 * - `done`, `failed`: how the job ended. `refused`: something speaks against it; nothing was written.
 */
export const slotStages = ['idle', 'probing', 'asking', 'writing', 'done', 'failed', 'refused'] as const;
export type SlotStage = (typeof slotStages)[number];

/** Why nothing happens on a slot that is idle. */
export const idleReasons = [
  'empty',
  'not-armed',
  'ignored',
  /** Other work or a guided flow has this port. */
  'busy',
  /** The operating system does not let the station open it. */
  'no-access',
  /** Its serial port is not there yet. */
  'not-ready',
  /** In this mode nothing was asked to be started. */
  'other-mode',
  'done-before',
  'up-to-date',
  /** A bridge of which nobody knows what runs on it. */
  'unknown-firmware',
  /** As many as were wanted are done or under way. */
  'enough',
  /** Its board went on in another slot. */
  'moved',
] as const;
export type IdleReason = (typeof idleReasons)[number];

export interface BenchTrouble {
  readonly code: ErrorCode;
  readonly message: string;
  readonly state: CanopusError['state'];
  /** What a next step can be offered by. */
  readonly details?: ErrorDetails | undefined;
}

export interface SlotState {
  readonly place: PlaceId;
  readonly stage: SlotStage;
  readonly why: IdleReason | null;
  /** The board that the stage is about, as the tracker calls it; null where there is none, or from an earlier start. */
  readonly boardId: string | null;
  readonly uid: string | null;
  readonly canbusUuid: string | null;
  readonly recipeId: string | null;
  readonly jobId: string | null;
  /** When the job was queued, ISO 8601; null while there is none. */
  readonly jobSince: string | null;
  readonly trouble: BenchTrouble | null;
  /** What a person read off the chip of the board on this slot. */
  readonly chipMarking: string | null;
  /** A person asked for this recipe on this slot: retry, or once more. */
  readonly asked: { readonly recipeId: string | null; readonly evenIfDone: boolean } | null;
  /** The board went on in this slot; its job here was asked to end. */
  readonly movedTo: PlaceId | null;
  /** ISO 8601; since when nothing is on the port. Null while something is. */
  readonly emptySince: string | null;
}

/** How one board came out. One that failed and is done later counts as done only. */
export interface Outcome {
  readonly place: PlaceId;
  readonly uid: string | null;
  readonly recipeId: string;
  readonly result: 'done' | 'failed';
  /** ISO 8601. */
  readonly at: string;
  readonly code: ErrorCode | null;
}

/** For eyes and ears: what happened last. Numbers only grow. */
export interface BenchSignal {
  readonly number: number;
  /** `complete`: as many boards as were wanted are done. */
  readonly kind: 'done' | 'failed' | 'complete';
  readonly place: PlaceId;
}

/** Everything that a bench knows of its session. Plain data: kept in a file. */
export interface BenchState {
  /** When the first recipe was armed, ISO 8601; null before. */
  readonly startedAt: string | null;
  readonly recipes: readonly BenchRecipe[];
  readonly slots: readonly SlotState[];
  readonly outcomes: readonly Outcome[];
  readonly signal: BenchSignal | null;
}

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

export interface BenchCounts {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  /** Null where nobody said how many are wanted. */
  readonly toDo: number | null;
}

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
