import { judgeChips } from '../boards/chip-identity.ts';
import type { PlaceId } from '../place.ts';
import type { Board } from '../boards/board.ts';
import type { BenchEffect, BenchNews } from './bench-event.ts';
import { newSlot, type BenchSignal, type BenchState, type SlotState } from './bench-state.ts';
import { judgeBoard, type SlotStep } from './judge-board.ts';

type Boards = Extract<BenchNews, { type: 'boards' }> & { readonly at: string };

/**
 * A board that comes back to a slot where it failed within this time was not unplugged by hand: a bad cable, or a board
 * that resets itself. Hands take longer.
 */
const handsMs = 1500;

/** Judges every slot by what is plugged in now. */
export function slotsAfterBoards(
  state: BenchState,
  event: Boards,
): { readonly state: BenchState; readonly effects: readonly BenchEffect[] } {
  const present = new Map<PlaceId, Board>();
  for (const board of event.boards) {
    if (board.place !== null && board.mode !== 'unknown') present.set(board.place, board);
  }
  const known = new Set(state.slots.map(({ place }) => place));
  const added = [...present.keys()].filter((place) => !known.has(place)).map(newSlot);
  let next: BenchState = added.length === 0 ? state : { ...state, slots: [...state.slots, ...added] };
  const effects: BenchEffect[] = [];
  for (const slot of next.slots) {
    const step = lookAt(next, slot, present, event);
    if (step.slot === slot) continue;
    next = withSignal(
      { ...next, slots: next.slots.map((other) => (other.place === slot.place ? step.slot : other)) },
      slot,
      step.slot,
    );
    effects.push(...step.effects);
  }
  return { state: next, effects };
}

const stay = (slot: SlotState): SlotStep => ({ slot, effects: [] });

function lookAt(
  state: BenchState,
  slot: SlotState,
  present: ReadonlyMap<PlaceId, Board>,
  event: Boards,
): SlotStep {
  const { place } = slot;
  const board = present.get(place) ?? null;
  if (slot.stage === 'writing') return board === null ? followMoved(state, slot, present) : stay(slot);
  if (board === null) return stay(leave(slot, event.at));
  const isWaiting = slot.stage === 'probing' || slot.stage === 'asking';
  if ((slot.asked === null || isWaiting) && isSettled(slot, board, event.at)) return stay(keep(slot, board));
  const isIgnored = event.ignoredPlaces.includes(place);
  const isHeld = event.heldPlaces.includes(place);
  const step = judgeBoard(state, slot, board, { isIgnored, isHeld });
  return isSame(step.slot, slot) ? stay(slot) : step;
}

/** The job waits for a board that was moved to another slot and has reported its UID: it continues there. */
function followMoved(state: BenchState, slot: SlotState, present: ReadonlyMap<PlaceId, Board>): SlotStep {
  const { uid, jobId } = slot;
  if (uid === null || jobId === null || slot.movedTo !== null) return stay(slot);
  const elsewhere = [...present.values()].find((board) => board.uid === uid && !board.conflict);
  const place = elsewhere?.place ?? null;
  if (place === null || place === slot.place) return stay(slot);
  const isTaken = state.slots.some((other) => other.place === place && other.stage === 'writing');
  if (isTaken) return stay(slot);
  return { slot: { ...slot, movedTo: place }, effects: [{ type: 'cancel', jobId }] };
}

/** The result of a board stays visible until the next board comes. */
function leave(slot: SlotState, at: string): SlotState {
  const emptySince = slot.emptySince ?? at;
  const isOver = slot.stage === 'done' || slot.stage === 'failed' || slot.stage === 'refused';
  if (isOver || (slot.stage === 'idle' && slot.why === 'moved')) {
    const isLeft = slot.emptySince !== null && slot.asked === null;
    return isLeft ? slot : { ...slot, emptySince, asked: null };
  }
  const isKnown = slot.stage === 'idle' && slot.why === 'empty' && slot.emptySince !== null;
  return isKnown ? slot : { ...newSlot(slot.place), emptySince };
}

/** Whether everything about this board is settled. */
function isSettled(slot: SlotState, board: Board, at: string): boolean {
  const isSameBoard = board.id === slot.boardId || (board.uid !== null && board.uid === slot.uid);
  switch (slot.stage) {
    case 'writing':
      return true;
    case 'probing':
    case 'asking':
    case 'refused':
      return board.id === slot.boardId;
    case 'idle':
      return (
        board.id === slot.boardId &&
        (slot.why === 'up-to-date' || slot.why === 'unknown-firmware' || slot.why === 'done-before')
      );
    case 'done':
      return isSameBoard || (emptyForMs(slot, at) < handsMs && isBackInDfu(slot, board));
    case 'failed':
      return isSameBoard || emptyForMs(slot, at) < handsMs;
  }
}

/**
 * A chip that was finished here is in its ROM again, as far as the ROM's serial number shows: another chip may have the
 * same one, so this means nothing once there was time to change boards.
 */
function isBackInDfu({ uid }: SlotState, board: Board): boolean {
  const inRom = { uid: null, dfuSerial: board.mode === 'dfu' ? board.serial : null };
  return judgeChips({ uid, dfuSerial: null }, inRom) === 'fits';
}

function emptyForMs({ emptySince }: SlotState, at: string): number {
  return emptySince === null ? 0 : Date.parse(at) - Date.parse(emptySince);
}

function keep(slot: SlotState, board: Board): SlotState {
  const isKept = slot.boardId === board.id && slot.emptySince === null;
  return isKept ? slot : { ...slot, boardId: board.id, emptySince: null };
}

function isSame(a: SlotState, b: SlotState): boolean {
  return (
    a.stage === 'idle' &&
    b.stage === 'idle' &&
    a.why === b.why &&
    a.boardId === b.boardId &&
    a.uid === b.uid &&
    b.asked === null &&
    b.emptySince === null
  );
}

function withSignal(state: BenchState, before: SlotState, after: SlotState): BenchState {
  if (after.stage !== 'refused' || before.stage === 'refused') return state;
  const signal: BenchSignal = {
    number: (state.signal?.number ?? 0) + 1,
    kind: 'failed',
    place: after.place,
  };
  return { ...state, signal };
}
