import { type PlaceId, placeWords } from '../place.ts';
import type { BenchEffect, BenchEvent, BenchNews, FoundCrystal } from './bench-event.ts';
import type { BenchRecipe } from './bench-recipe.ts';
import { isOutdated, overlaps } from './bench-recipe.ts';
import type { Trouble } from '../errors/trouble.ts';
import {
  benchCounts,
  newSlot,
  type BenchSignal,
  type BenchState,
  type Outcome,
  type SlotState,
} from './bench-state.ts';
import { askedFor, judgeKatapultChip, startWith, type SlotStep } from './judge-board.ts';
import { slotsAfterBoards } from './slots-after-boards.ts';
import { matchDfu, type DfuMatch } from './match-recipe.ts';

interface BenchStep {
  readonly state: BenchState;
  readonly effects: readonly BenchEffect[];
}

type NewsOf<T extends BenchNews['type']> = Extract<BenchNews, { type: T }>;

/**
 * The bench after an event. A late reply, about a board that has left its slot, changes nothing; nor does a choice from
 * a window with an older view.
 */
export function benchAfter(state: BenchState, event: BenchEvent): BenchStep {
  switch (event.type) {
    case 'arm':
      return arm(state, event.recipe, event.at);
    case 'disarm':
      return disarm(state, event.recipeId);
    case 'retry':
      return retry(state, event.places);
    case 'vouch':
      return vouch(state, event.place, event.chipMarking);
    case 'again':
      return again(state, event.place);
    case 'cancel':
      return { state, effects: cancelled(state, event.places) };
    case 'new-session':
      return newSession(state, event.at);
    case 'boards':
      return slotsAfterBoards(state, event);
    case 'probed':
      return probed(state, event);
    case 'katapult':
      return toldKatapult(state, event);
    case 'firmware':
      return toldFirmware(state, event);
    case 'started':
      return onSlot(state, event, 'writing', (slot) =>
        stay({ ...slot, jobId: event.jobId, jobSince: event.at }),
      );
    case 'refused':
      return refused(state, event);
    case 'job':
      return followJob(state, event, event.at);
    case 'resumed':
      return stayAs(resume(state, event, event.at));
  }
}

/** The armed recipe that would want the same boards as this one; null if there is none. */
export function overlappingRecipe(state: BenchState, recipe: BenchRecipe): BenchRecipe | null {
  const others = state.recipes.filter(({ id, isArmed }) => isArmed && id !== recipe.id);
  return others.find((other) => overlaps(other, recipe)) ?? null;
}

/** Whether this chip was done in this session. */
export function isDone(state: BenchState, uid: string): boolean {
  return state.outcomes.some((outcome) => outcome.uid === uid && outcome.result === 'done');
}

const stayAs = (state: BenchState): BenchStep => ({ state, effects: [] });
const stay = (slot: SlotState): SlotStep => ({ slot, effects: [] });
const look: BenchEffect = { type: 'look' };

/**
 * Boards that were refused or skipped may be wanted now. A running probe continues: a second one would find the device
 * held by the first, and its result is judged by the recipes that are armed then.
 */
function judgeAnew(slot: SlotState): SlotState {
  return ['idle', 'refused', 'asking'].includes(slot.stage)
    ? { ...newSlot(slot.place), emptySince: slot.emptySince }
    : slot;
}

function arm(state: BenchState, recipe: BenchRecipe, at: string): BenchStep {
  const others = state.recipes.filter(({ id }) => id !== recipe.id);
  const recipes = [...others, { ...recipe, isArmed: true }];
  const slots = state.slots.map(judgeAnew);
  return { state: { ...state, startedAt: state.startedAt ?? at, recipes, slots }, effects: [look] };
}

function disarm(state: BenchState, recipeId: string | null): BenchStep {
  const recipes = state.recipes.map((recipe) =>
    recipeId === null || recipe.id === recipeId ? { ...recipe, isArmed: false } : recipe,
  );
  return { state: { ...state, recipes, slots: state.slots.map(judgeAnew) }, effects: [look] };
}

function retry(state: BenchState, places: readonly PlaceId[] | null): BenchStep {
  const slots = state.slots.map((slot) => {
    const isMeant = places === null || places.includes(slot.place);
    const isStopped = slot.stage === 'failed' || slot.stage === 'refused';
    return isMeant && isStopped ? { ...slot, asked: { recipeId: slot.recipeId, evenIfDone: false } } : slot;
  });
  return { state: { ...state, slots }, effects: [look] };
}

function vouch(state: BenchState, place: PlaceId, chipMarking: string): BenchStep {
  const slots = state.slots.map((slot) => {
    const isStopped = slot.stage === 'failed' || slot.stage === 'refused';
    if (slot.place !== place || !isStopped || slot.emptySince !== null) return slot;
    return { ...slot, chipMarking, asked: { recipeId: slot.recipeId, evenIfDone: false } };
  });
  return { state: { ...state, slots }, effects: [look] };
}

function again(state: BenchState, place: PlaceId): BenchStep {
  const slots = state.slots.map((slot) => {
    const isDoneHere = slot.stage === 'done' || (slot.stage === 'idle' && slot.why === 'done-before');
    if (slot.place !== place || !isDoneHere) return slot;
    const before = state.outcomes.findLast(({ uid, result }) => result === 'done' && uid === slot.uid);
    return { ...slot, asked: { recipeId: slot.recipeId ?? before?.recipeId ?? null, evenIfDone: true } };
  });
  return { state: { ...state, slots }, effects: [look] };
}

function cancelled(state: BenchState, places: readonly PlaceId[] | null): readonly BenchEffect[] {
  return state.slots.flatMap(({ place, stage, jobId }) => {
    const isMeant = places === null || places.includes(place);
    return isMeant && stage === 'writing' && jobId !== null ? [{ type: 'cancel' as const, jobId }] : [];
  });
}

function newSession(state: BenchState, at: string): BenchStep {
  const inUse = new Set(state.slots.flatMap(({ stage, recipeId }) => (stage === 'writing' ? recipeId : [])));
  const recipes = state.recipes.filter(({ id, isArmed }) => isArmed || inUse.has(id));
  const slots = state.slots.map((slot) =>
    slot.stage === 'writing' || slot.stage === 'probing' ? slot : newSlot(slot.place),
  );
  const startedAt = recipes.length === 0 ? null : at;
  return { state: { ...state, startedAt, recipes, slots, outcomes: [] }, effects: [look] };
}

/** Changes the slot of a reply, if it still waits for that reply. */
function onSlot(
  state: BenchState,
  about: { readonly place: PlaceId; readonly boardId: string },
  stage: SlotState['stage'],
  change: (slot: SlotState) => SlotStep,
): BenchStep {
  const slot = state.slots.find(({ place }) => place === about.place);
  if (slot?.stage !== stage || slot.boardId !== about.boardId) return stayAs(state);
  const step = change(slot);
  return { state: withSlot(state, step.slot), effects: step.effects };
}

function probed(state: BenchState, event: NewsOf<'probed'>): BenchStep {
  const step = onSlot(state, event, 'probing', (slot) => {
    const candidates = askedFor(state, slot, 'dfu');
    // The recipe was disarmed meanwhile: judge the board again.
    if (candidates.length === 0) return { slot: newSlot(slot.place), effects: [look] };
    const { fitting, problems } = matchDfu(candidates, event.facts, slot.chipMarking);
    const [recipe] = fitting;
    if (recipe === undefined) return refuseChip(slot, problems);
    if (fitting.length > 1) {
      const names = fitting.map(({ name }) => name).join(', ');
      const message = `The board on ${placeWords(slot.place)} may be of any of these: ${names}. In ROM DFU they cannot be told apart.`;
      return refuse(slot, 'bench/ambiguous', message);
    }
    return startWith(state, slot, recipe);
  });
  return signalled(state, step, event.place);
}

function toldKatapult(state: BenchState, event: NewsOf<'katapult'>): BenchStep {
  const step = onSlot(state, event, 'probing', (slot) => judgeKatapultChip(state, slot, event.mcu));
  return signalled(state, step, event.place);
}

function toldFirmware(state: BenchState, event: NewsOf<'firmware'>): BenchStep {
  const step = onSlot(state, event, 'asking', (slot) => {
    const idle: SlotState = { ...slot, stage: 'idle', asked: null };
    if (event.klipper === null) return stay({ ...idle, why: 'unknown-firmware' });
    const { klipper } = event;
    const candidates = askedFor(state, slot, 'outdated-bridge').filter(({ id }) => id === slot.recipeId);
    const [recipe] = candidates;
    if (recipe === undefined) return stay({ ...idle, why: 'other-mode' });
    const outdated = isOutdated(klipper, recipe.klipper);
    if (outdated === null) return stay({ ...idle, why: 'unknown-firmware' });
    return outdated ? startWith(state, slot, recipe) : stay({ ...idle, why: 'up-to-date' });
  });
  return step;
}

function refused(state: BenchState, event: NewsOf<'refused'>): BenchStep {
  const slot = state.slots.find(({ place }) => place === event.place);
  const isWaited =
    slot?.boardId === event.boardId &&
    (slot.stage === 'probing' ||
      slot.stage === 'asking' ||
      (slot.stage === 'writing' && slot.jobId === null));
  if (slot === undefined || !isWaited) return stayAs(state);
  const next = stayAs(
    withSlot(state, { ...slot, stage: 'refused', why: null, asked: null, trouble: event.trouble }),
  );
  return signalled(state, next, event.place);
}

function followJob(state: BenchState, event: NewsOf<'job'>, at: string): BenchStep {
  const slot = state.slots.find(({ jobId, stage }) => stage === 'writing' && jobId === event.jobId);
  if (slot === undefined) return stayAs(state);
  const uid = event.uid ?? slot.uid;
  const canbusUuid = event.canbusUuid ?? slot.canbusUuid;
  const known: SlotState = { ...slot, uid, canbusUuid };
  if (event.status === 'queued' || event.status === 'running') {
    const isSame = uid === slot.uid && canbusUuid === slot.canbusUuid;
    return isSame
      ? stayAs(state)
      : { state: withSlot(state, known), effects: uid === slot.uid ? [] : [look] };
  }
  const ended: SlotState = { ...known, jobId: null, jobSince: null, movedTo: null };
  if (event.trouble?.code === 'bench/already-done') {
    return { state: withSlot(state, { ...ended, stage: 'idle', why: 'done-before' }), effects: [look] };
  }
  const result = event.status === 'done' ? 'done' : 'failed';
  if (result === 'failed' && wasDoneSince(state, uid, slot.jobSince)) {
    const moved: SlotState = { ...ended, stage: 'idle', why: 'moved', boardId: null };
    return { state: withSlot(state, moved), effects: [look] };
  }
  const outcome: Outcome = {
    place: slot.place,
    uid,
    recipeId: slot.recipeId ?? '',
    result,
    at,
    code: event.trouble?.code ?? null,
  };
  const outcomes = withOutcome(state.outcomes, outcome);
  const isMoved = result === 'failed' && slot.movedTo !== null;
  const next: SlotState = isMoved
    ? { ...ended, stage: 'idle', why: 'moved', boardId: null }
    : { ...ended, stage: result, why: null, trouble: event.trouble };
  const slots = withSlot(state, next).slots.map((other) =>
    // The same board failed in another slot before it was done here.
    result === 'done' && other !== next && other.stage === 'failed' && uid !== null && other.uid === uid
      ? { ...newSlot(other.place), why: 'moved' as const, emptySince: other.emptySince }
      : other,
  );
  const recipes = withFound(state.recipes, slot.recipeId, event.found);
  const after: BenchState = { ...state, recipes, slots, outcomes };
  return isMoved
    ? { state: after, effects: [look] }
    : signalled(state, { state: after, effects: [look] }, slot.place);
}

/** The boards of a batch are alike: a finding about one applies to the next. */
function withFound(
  recipes: readonly BenchRecipe[],
  recipeId: string | null,
  found: FoundCrystal | null = null,
): readonly BenchRecipe[] {
  if (found === null) return recipes;
  const { crystalHz, images, klipperSha256 } = found;
  return recipes.map((recipe) =>
    recipe.id === recipeId
      ? { ...recipe, crystalHz, images, klipper: { ...recipe.klipper, sha256: klipperSha256 } }
      : recipe,
  );
}

/** The board was moved to another slot and finished there, while this slot's job still waited for it. */
function wasDoneSince({ outcomes }: BenchState, uid: string | null, since: string | null): boolean {
  if (uid === null || since === null) return false;
  return outcomes.some((other) => other.uid === uid && other.result === 'done' && other.at >= since);
}

/** A board counts once, with its last result: by its UID, or if that is unknown by the slot. */
function withOutcome(outcomes: readonly Outcome[], outcome: Outcome): readonly Outcome[] {
  const isSuperseded = (other: Outcome): boolean => {
    if (other.uid !== null) return other.uid === outcome.uid;
    return other.result === 'failed' && other.place === outcome.place;
  };
  return [...outcomes.filter((other) => !isSuperseded(other)), outcome];
}

/** Adds the signals for a slot whose stage has ended. */
function signalled(before: BenchState, step: BenchStep, place: PlaceId): BenchStep {
  const stage = step.state.slots.find((slot) => slot.place === place)?.stage;
  const isEnd = stage === 'done' || stage === 'failed' || stage === 'refused';
  if (!isEnd) return step;
  const isComplete = stage === 'done' && benchCounts(step.state).toDo === 0 && benchCounts(before).toDo !== 0;
  const kind: BenchSignal['kind'] = isComplete ? 'complete' : stage === 'done' ? 'done' : 'failed';
  const signal: BenchSignal = { number: (before.signal?.number ?? 0) + 1, kind, place };
  return { ...step, state: { ...step.state, signal } };
}

function resume(state: BenchState, { cutOff }: NewsOf<'resumed'>, at: string): BenchState {
  const recipes = state.recipes.map((recipe) => ({ ...recipe, isArmed: false }));
  let { outcomes } = state;
  const slots = state.slots.map((slot): SlotState => {
    // After a restart the tracker may give the boards other ids.
    const known = { ...slot, boardId: null, jobId: null, jobSince: null, asked: null, movedTo: null };
    if (slot.stage === 'writing') {
      const { place, uid, recipeId } = slot;
      // Its job still waited for a board that was moved to another slot and finished there.
      if (wasDoneSince(state, uid, slot.jobSince)) return { ...newSlot(place), why: 'moved' };
      const message = `The station ended while the board on ${placeWords(place)} was being written.`;
      const trouble =
        cutOff.find((run) => run.place === place)?.trouble ??
        ({ code: 'bench/interrupted', message, state: 'unknown' } as const);
      const { code } = trouble;
      outcomes = withOutcome(outcomes, {
        place,
        uid,
        recipeId: recipeId ?? '',
        result: 'failed',
        at,
        code,
      });
      return { ...known, stage: 'failed', trouble };
    }
    return slot.stage === 'probing' || slot.stage === 'asking' ? newSlot(slot.place) : known;
  });
  return { ...state, recipes, slots, outcomes };
}

/** If the marking on the chip would settle it, ask for it. */
function refuseChip(slot: SlotState, problems: DfuMatch['problems']): SlotStep {
  const settled = problems.filter(({ problem }) => problem.details['asks'] === 'marking');
  const [first] = settled;
  const why = (first === undefined ? problems : settled)
    .map(({ recipe, problem }) => `${recipe.name}: ${problem.message}`)
    .join(' ');
  const message = `The board on ${placeWords(slot.place)} fits no armed recipe. ${why}`;
  return first === undefined
    ? refuse(slot, 'bench/no-recipe', message)
    : refuse(slot, first.problem.code, message, first.problem.details);
}

function refuse(
  slot: SlotState,
  code: Trouble['code'],
  message: string,
  details: Trouble['details'] = {},
): SlotStep {
  const trouble: Trouble = { code, message, state: 'untouched', details };
  return stay({ ...slot, stage: 'refused', why: null, asked: null, trouble });
}

function withSlot(state: BenchState, slot: SlotState): BenchState {
  return {
    ...state,
    slots: state.slots.map((other) => (other.place === slot.place ? slot : other)),
  };
}
