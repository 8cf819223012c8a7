import { placeWords } from '../place.ts';
import type { Board } from '../boards/board.ts';
import type { BenchEffect } from './bench-event.ts';
import type { BenchMode, BenchRecipe } from './bench-recipe.ts';
import { newSlot, type BenchState, type IdleReason, type SlotState } from './bench-state.ts';

export interface SlotStep {
  readonly slot: SlotState;
  readonly effects: readonly BenchEffect[];
}

/**
 * The recipes that may start a board in this mode on this slot: armed for it, or begun with it before. If a person asks
 * for the slot, any of them.
 */
export function askedFor(state: BenchState, slot: SlotState, mode: BenchMode): readonly BenchRecipe[] {
  return candidates(state, slot).filter(
    ({ id, modes }) => modes.includes(mode) || slot.asked !== null || isBegun(state, slot, id),
  );
}

/** What to do with an idle board; `slot` is its slot before. */
export function judgeBoard(
  state: BenchState,
  slot: SlotState,
  board: Board,
  ports: { readonly isIgnored: boolean; readonly isHeld: boolean },
): SlotStep {
  const fresh: SlotState = {
    ...newSlot(slot.place),
    boardId: board.id,
    uid: board.uid,
    canbusUuid: board.canbusUuid,
    asked: slot.asked,
    // A marking is valid as long as its chip is there.
    chipMarking: slot.boardId === board.id ? slot.chipMarking : null,
    // A board that this slot has begun may be finished here.
    recipeId: slot.stage === 'failed' ? slot.recipeId : null,
  };
  const idle = (why: IdleReason): SlotStep => ({
    slot: { ...fresh, why, asked: null, recipeId: null },
    effects: [],
  });
  if (ports.isIgnored) return idle('ignored');
  if (candidates(state, fresh).length === 0) return idle('not-armed');
  if (ports.isHeld) return idle('busy');
  if (!board.access.ok && !isBridgeWithoutDriver(board)) return idle('no-access');
  if (board.conflict) return refuseConflict(fresh);
  if (board.uid !== null && wasDone(state, board.uid) && slot.asked?.evenIfDone !== true)
    return idle('done-before');
  switch (board.mode) {
    case 'dfu':
      return judgeDfu(state, fresh, idle);
    case 'katapult':
      return judgeKatapult(state, fresh, board, idle);
    case 'can-bridge':
    case 'klipper-serial':
      return judgeKlipper(state, fresh, { board, isOwn: slot.uid !== null && slot.uid === board.uid }, idle);
    case 'bootsel':
      return judgeBootsel(state, fresh, board, idle);
    case 'unknown':
      return idle('other-mode');
  }
}

/** Starts a recipe on a slot, unless enough boards are done or in progress. */
export function startWith(state: BenchState, slot: SlotState, recipe: BenchRecipe): SlotStep {
  const { place, boardId, asked, chipMarking } = slot;
  if (boardId === null) return { slot, effects: [] };
  if (asked === null && !isWanted(state, recipe))
    return { slot: { ...slot, stage: 'idle', why: 'enough', recipeId: null }, effects: [] };
  return {
    slot: {
      ...slot,
      stage: 'writing',
      why: null,
      recipeId: recipe.id,
      jobId: null,
      jobSince: null,
      trouble: null,
      asked: null,
    },
    effects: [
      {
        type: 'start',
        place,
        boardId,
        recipe,
        confirmations: { chipMarking, crystalHz: recipe.confirmedCrystalHz },
        evenIfDone: asked?.evenIfDone === true,
      },
    ],
  };
}

type Idle = (why: IdleReason) => SlotStep;

function judgeDfu(state: BenchState, slot: SlotState, idle: Idle): SlotStep {
  const { place, boardId } = slot;
  if (boardId === null || askedFor(state, slot, 'dfu').length === 0) return idle('other-mode');
  return { slot: { ...slot, stage: 'probing', why: null }, effects: [{ type: 'probe', place, boardId }] };
}

/** Its USB ids name the chip, so nothing has to be asked. */
function judgeBootsel(state: BenchState, slot: SlotState, { mcu }: Board, idle: Idle): SlotStep {
  if (mcu === null) return idle('other-mode');
  if (candidates(state, slot).every((recipe) => recipe.mcu !== mcu)) return refuseOtherChip(state, slot, mcu);
  const [recipe] = preferBegun(
    slot,
    askedFor(state, slot, 'dfu').filter((each) => each.mcu === mcu),
  );
  return recipe === undefined ? idle('other-mode') : startWith(state, slot, recipe);
}

function judgeKatapult(state: BenchState, slot: SlotState, board: Board, idle: Idle): SlotStep {
  const { place, boardId } = slot;
  if (board.mcu === null) {
    if (boardId === null || askedFor(state, slot, 'katapult').length === 0) return idle('other-mode');
    if (board.tty === null) return idle('not-ready');
    // Windows may not report the device's name; Katapult reports the MCU.
    return {
      slot: { ...slot, stage: 'probing', why: null },
      effects: [{ type: 'probe', place, boardId }],
    };
  }
  const step = judgeKatapultChip(state, slot, board.mcu);
  // Its serial port appears a little later than the device.
  return step.slot.stage === 'writing' && board.tty === null ? idle('not-ready') : step;
}

/** What to do with a board in Katapult, once its MCU is known. */
export function judgeKatapultChip(state: BenchState, slot: SlotState, mcu: string): SlotStep {
  const forChip = candidates(state, slot).filter((recipe) => recipe.mcu === mcu);
  if (forChip.length === 0) return refuseOtherChip(state, slot, mcu);
  const allowed = askedFor(state, slot, 'katapult').filter((recipe) => recipe.mcu === mcu);
  const [recipe] = preferBegun(slot, allowed);
  if (recipe !== undefined) return startWith(state, slot, recipe);
  return { slot: { ...slot, stage: 'idle', why: 'other-mode', asked: null, recipeId: null }, effects: [] };
}

/** A double tap of reset starts Katapult, which needs no driver: the job asks for that. */
function isBridgeWithoutDriver({ mode, access }: Board): boolean {
  return mode === 'can-bridge' && !access.ok && access.code === 'link/no-driver';
}

/**
 * A running Klipper works: it is touched only if that was chosen or asked for, or if its chip is known to have been
 * begun here and not finished.
 */
function judgeKlipper(
  state: BenchState,
  slot: SlotState,
  { board, isOwn }: { readonly board: Board; readonly isOwn: boolean },
  idle: Idle,
): SlotStep {
  const forChip = candidates(state, slot).filter(({ mcu }) => mcu === board.mcu);
  const [own] = forChip.filter(
    ({ id }) => (isOwn && slot.asked?.recipeId === id) || isChipBegun(state, board.uid, id),
  );
  if (own !== undefined) return startWith(state, slot, own);
  const [recipe] = forChip.filter(({ modes }) => modes.includes('outdated-bridge'));
  const { place, boardId } = slot;
  if (board.mode !== 'can-bridge' || recipe === undefined || boardId === null) return idle('other-mode');
  if (board.uid === null) return idle('unknown-firmware');
  return {
    slot: { ...slot, stage: 'asking', why: null, recipeId: recipe.id, asked: null },
    effects: [{ type: 'ask-firmware', place, boardId, uid: board.uid }],
  };
}

/** Armed, and what a person asked for on this slot. */
function candidates(state: BenchState, { asked }: SlotState): readonly BenchRecipe[] {
  return state.recipes.filter(({ id, isArmed }) => isArmed || (asked !== null && id === asked.recipeId));
}

/** Whether this slot, or this chip anywhere, was begun with a recipe and is not done. */
function isBegun(state: BenchState, { uid, recipeId }: SlotState, id: string): boolean {
  return recipeId === id || isChipBegun(state, uid, id);
}

function isChipBegun({ outcomes }: BenchState, uid: string | null, recipeId: string): boolean {
  if (uid === null) return false;
  return outcomes.some(
    (outcome) => outcome.uid === uid && outcome.result === 'failed' && outcome.recipeId === recipeId,
  );
}

function preferBegun({ recipeId }: SlotState, recipes: readonly BenchRecipe[]): readonly BenchRecipe[] {
  const begun = recipes.filter(({ id }) => id === recipeId);
  return begun.length > 0 ? begun : recipes;
}

function wasDone({ outcomes }: BenchState, uid: string): boolean {
  return outcomes.some((outcome) => outcome.uid === uid && outcome.result === 'done');
}

function isWanted({ outcomes, slots }: BenchState, { id, target }: BenchRecipe): boolean {
  if (target === null) return true;
  const done = outcomes.filter(({ recipeId, result }) => recipeId === id && result === 'done').length;
  const running = slots.filter(({ stage, recipeId }) => stage === 'writing' && recipeId === id).length;
  return done + running < target;
}

function refuseConflict(slot: SlotState): SlotStep {
  const message = `Two boards were plugged in at once with the UID ${slot.uid ?? '?'}.`;
  const trouble = { code: 'identity/conflict', message, state: 'untouched' } as const;
  return { slot: { ...slot, stage: 'refused', why: null, asked: null, trouble }, effects: [] };
}

function refuseOtherChip(state: BenchState, slot: SlotState, mcu: string): SlotStep {
  const armed = [...new Set(candidates(state, slot).map(({ mcu }) => mcu))].join(', ');
  const message = `The board on ${placeWords(slot.place)} reports the MCU ${mcu}; the armed recipes are for ${armed}.`;
  const trouble = { code: 'bench/no-recipe', message, state: 'untouched' } as const;
  return { slot: { ...slot, stage: 'refused', why: null, asked: null, trouble }, effects: [] };
}
