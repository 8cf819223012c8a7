import type { PlaceId } from '../place.ts';
import type { CanopusError, ErrorCode, ErrorDetails } from '../errors.ts';
import type { BenchRecipe } from './bench-recipe.ts';

/**
 * What the bench does with a slot:
 * - `idle`: nothing; `why` says why.
 * - `probing`: a board in ROM DFU is asked for its descriptors, to find the recipe that fits.
 * - `asking`: the bench looks up which Klipper a bridge has.
 * - `writing`: a job is queued or runs.
 * - `done`, `failed`: how the job ended. `refused`: something contradicts it; nothing was written.
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

export interface BenchTrouble {
  readonly code: ErrorCode;
  readonly message: string;
  readonly state: CanopusError['state'];
  /** What a next step can be based on. */
  readonly details?: ErrorDetails | undefined;
}

export interface SlotState {
  readonly place: PlaceId;
  readonly stage: SlotStage;
  readonly why: IdleReason | null;
  /** The board of the stage, by the tracker's id; null if there is none, or it is from before a restart. */
  readonly boardId: string | null;
  readonly uid: string | null;
  readonly canbusUuid: string | null;
  readonly recipeId: string | null;
  readonly jobId: string | null;
  /** When the job was queued, ISO 8601; null while there is none. */
  readonly jobSince: string | null;
  readonly trouble: BenchTrouble | null;
  /** The marking that a person read off the chip in this slot. */
  readonly chipMarking: string | null;
  /** A person asked for this recipe on this slot: retry, or flash again. */
  readonly asked: { readonly recipeId: string | null; readonly evenIfDone: boolean } | null;
  /** The board moved to this slot; its job in the old one was asked to end. */
  readonly movedTo: PlaceId | null;
  /** ISO 8601; since when the port is empty. Null while it is not. */
  readonly emptySince: string | null;
}

/** The result of one board. One that failed first and is done later only counts as done. */
export interface Outcome {
  readonly place: PlaceId;
  readonly uid: string | null;
  readonly recipeId: string;
  readonly result: 'done' | 'failed';
  /** ISO 8601. */
  readonly at: string;
  readonly code: ErrorCode | null;
}

/** The last event to be seen and heard. Numbers only grow. */
export interface BenchSignal {
  readonly number: number;
  /** `complete`: as many boards as wanted are done. */
  readonly kind: 'done' | 'failed' | 'complete';
  readonly place: PlaceId;
}

/** Everything that a bench knows about its session. Plain data, stored in a file. */
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
  /** Null if there is no limit. */
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
