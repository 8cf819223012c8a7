import { imagesOverUsb } from '../image/images-over-usb.ts';
import { judgeChips } from '../boards/chip-identity.ts';
import { type PlaceId, placeWords } from '../place.ts';
import type { Board } from '../boards/board.ts';
import { noConfirmations, withConfirmed } from '../boards/confirmations.ts';
import type { FlowEvent, FlowNews } from './flow-event.ts';
import { cardAfter, cardAgain, isWritingCard, lookForWritten } from './flow-card.ts';
import { stay, type FlowStep } from './flow-step.ts';
import { isWritingNode, toBus, writeNode } from './flow-node.ts';
import { findCrystal } from './flow-rescue.ts';
import { followPiJob, isChangingPi, newFlowPi, piAfter, resumePi, retryPi } from './flow-pi.ts';
import type { Trouble } from '../errors/trouble.ts';
import {
  flowStages,
  type FlowBoard,
  type FlowPrinter,
  type FlowStage,
  type FlowState,
} from './flow-state.ts';

/**
 * The flow after an event. An event that does not fit the stage changes nothing: windows may be behind, and two of them
 * may send the same at once.
 */
export function flowAfter(state: FlowState, event: FlowEvent): FlowStep {
  if (state.stage === 'done') return stay(state);
  switch (event.type) {
    case 'choose-printer':
      return choosePrinter(state, { kind: 'pi', piId: event.piId, name: event.name });
    case 'no-printer':
      return choosePrinter(state, { kind: 'none' });
    case 'choose-board':
      return isBusy(state) ? stay(state) : chooseBoard(state, event.board, event.place ?? state.place);
    case 'choose-images':
      if (isBusy(state) || state.board === null) return stay(state);
      return wait(
        {
          ...state,
          images: event.images,
          card: null,
          crystalHz: event.crystalHz ?? null,
          confirmations: ofBoard(state),
        },
        event.at,
      );
    case 'confirm':
      // The wait begins where the instructions are shown.
      return state.stage === 'dfu'
        ? wait({ ...state, isConfirmed: true, waitingSince: event.at }, event.at)
        : stay(state);
    case 'choose-card':
    case 'write-card':
      return isBusy(state) ? stay(state) : cardAfter(state, event);
    case 'card-written':
    case 'card-refused':
      return cardAfter(state, event);
    case 'choose-port':
      return state.stage === 'dfu' ? wait({ ...state, place: event.place }, event.at) : stay(state);
    case 'choose-node':
      return isBusy(state) ? stay(state) : writeNode(state, event.place);
    case 'choose-backup':
      return isBusy(state) ? stay(state) : stay({ ...state, isBackupWanted: event.isWanted });
    case 'back':
      return isBusy(state) ? stay(state) : back(state, event.stage, event.at);
    case 'retry':
      if (state.trouble === null) return stay(state);
      if (state.stage === 'bus') return writeNode(state, state.nodePlace);
      return state.stage === 'pi' ? retryPi(state) : wait(state, event.at);
    case 'find-crystal':
      return findCrystal(state);
    case 'vouch':
      return isBusy(state) || state.trouble === null ? stay(state) : vouch(state, event);
    case 'boards':
      return look(state, event);
    case 'flash-started':
      return isWriting(state) ? stay({ ...state, jobId: event.jobId }) : stay(state);
    case 'flash-refused':
      return isWriting(state) ? stay({ ...state, trouble: event.trouble }) : stay(state);
    case 'job':
      if (isWriting(state) && state.jobId === event.jobId) return followJob(state, event);
      return followPiJob(state, event);
    case 'choose-pi':
    case 'leave-pi':
    case 'apply-pi':
    case 'prove-pi':
    case 'settle-pi':
    case 'skip-pi':
    case 'pi-started':
    case 'pi-refused':
      return piAfter(state, event);
    case 'resumed':
      return resume(state, event.at);
  }
}

/** True while the board is being written to, or is about to be. */
export function isWriting(state: FlowState): boolean {
  return (state.stage === 'flash' && state.trouble === null) || isWritingNode(state);
}

/** True while work runs that no choice may disturb. */
function isBusy(state: FlowState): boolean {
  return isWriting(state) || isWritingCard(state) || isChangingPi(state);
}

/** Possible boards for a waiting flow: those in a bootloader that no other work holds. */
export function flowCandidates(boards: readonly Board[], heldPlaces: readonly PlaceId[]): readonly Board[] {
  return boards.filter(
    ({ place, mode }) =>
      place !== null &&
      !heldPlaces.includes(place) &&
      (mode === 'dfu' || mode === 'bootsel' || mode === 'katapult'),
  );
}

const idle = { jobId: null, trouble: null, waitingSince: null, nodePlace: null, pi: null } as const;

/** Asked once, before everything else. */
function choosePrinter(state: FlowState, printer: FlowPrinter): FlowStep {
  return state.stage === 'printer' ? stay({ ...state, printer, stage: 'board' }) : stay(state);
}

function chooseBoard(state: FlowState, board: FlowBoard, place: PlaceId | null): FlowStep {
  const isConfirmed = board.confirms.length === 0;
  const confirmations = noConfirmations;
  return stay({
    ...state,
    ...idle,
    stage: 'firmware',
    board,
    place,
    isConfirmed,
    images: null,
    crystalHz: null,
    card: null,
    confirmations,
  });
}

/** A marking read off the chip holds for other images too; a fact about the images does not. */
function ofBoard({ confirmations }: FlowState): FlowState['confirmations'] {
  return { ...confirmations, crystalHz: null };
}

/** Of another chip neither the marking is known, nor whether it may be erased. */
function unmarked({ confirmations }: FlowState): FlowState['confirmations'] {
  return { chipMarking: null, crystalHz: confirmations.crystalHz };
}

function vouch(state: FlowState, event: Extract<FlowEvent, { type: 'vouch' }>): FlowStep {
  const confirmations = withConfirmed(state.confirmations, event.confirmations);
  if (state.stage === 'bus') return writeNode({ ...state, confirmations }, state.nodePlace);
  return wait({ ...state, confirmations }, event.at);
}

/** Begins or continues to wait for the board; with everything chosen it may be there already. */
function wait(state: FlowState, at: string): FlowStep {
  const isNew = state.stage !== 'dfu';
  const next: FlowState = {
    ...state,
    ...idle,
    stage: 'dfu',
    waitingSince: isNew ? at : (state.waitingSince ?? at),
    placesBefore: isNew ? null : state.placesBefore,
  };
  return { state: next, effects: [{ type: 'look' }] };
}

function back(state: FlowState, stage: FlowStage, at: string): FlowStep {
  if (flowStages.indexOf(stage) >= flowStages.indexOf(state.stage)) return stay(state);
  if (stage === 'dfu') {
    // It may be another board.
    const confirmations = unmarked(state);
    const card = cardAgain(state.card);
    return wait(
      { ...state, place: null, uid: null, canbusUuid: null, backupId: null, confirmations, card },
      at,
    );
  }
  return stay({ ...state, ...idle, stage, ...(stage === 'firmware' ? { card: null } : {}) });
}

/**
 * The board of the flow is the one that was chosen or seen before. Otherwise, a board that appears in a bootloader on
 * an empty port is assumed to be it, as a person was just asked to make it appear; one that was there before, or two
 * that appear at once, must be chosen.
 */
function look(state: FlowState, { boards, heldPlaces }: Extract<FlowNews, { type: 'boards' }>): FlowStep {
  if (state.stage === 'dfu' && state.card !== null) return lookForWritten(state, boards, heldPlaces);
  if (state.stage !== 'dfu' || !state.isConfirmed || state.trouble !== null) return stay(state);
  const own = ownBoard(state, boards);
  if (own !== null) return start(state, own);
  if (state.place !== null) return stay(state);
  const free = flowCandidates(boards, heldPlaces);
  const ports = free.flatMap(({ place }) => place ?? []);
  if (state.placesBefore === null) return stay({ ...state, placesBefore: ports });
  const { placesBefore } = state;
  const appeared = free.filter(({ place }) => place !== null && !placesBefore.includes(place));
  const [only] = appeared;
  if (only !== undefined && appeared.length === 1) return start(state, only);
  // A board that leaves a port may come back there as this one.
  const stillThere = placesBefore.filter((port) => ports.includes(port));
  return stay(stillThere.length === placesBefore.length ? state : { ...state, placesBefore: stillThere });
}

/** By its UID wherever it is, or else by its own port. */
function ownBoard(state: FlowState, boards: readonly Board[]): Board | null {
  const byUid = boards.find(({ uid, place }) => uid !== null && place !== null && uid === state.uid);
  if (byUid !== undefined) return byUid;
  return (
    boards.find(({ place, mode }) => place === state.place && place !== null && mode !== 'unknown') ?? null
  );
}

function start(state: FlowState, found: Board): FlowStep {
  const { place } = found;
  const { board, images, isBackupWanted, backupId } = state;
  if (place === null || board === null || images === null) return stay(state);
  // A marking is valid as long as its chip is there.
  const confirmations = found.id === state.boardId ? state.confirmations : unmarked(state);
  const seen: FlowState = { ...state, place, boardId: found.id, confirmations };
  const trouble = contradiction(state, board, found, place);
  if (trouble !== null) return stay({ ...seen, trouble });
  // The window shows the problem; the flow continues as soon as the board can be opened.
  if (!found.access.ok) return stay(seen.place === state.place ? state : seen);
  return {
    state: { ...seen, ...idle, stage: 'flash' },
    effects: [
      {
        ...{ type: 'start-flash', place, board, confirmations, images: imagesOverUsb(board.role, images) },
        backup: isBackupWanted && backupId === null,
        ...{ crystalHz: state.crystalHz, search: null },
      },
    ],
  };
}

/** What the device reports that contradicts the chosen board. */
function contradiction(state: FlowState, board: FlowBoard, found: Board, place: PlaceId): Trouble | null {
  if (found.mcu !== null && found.mcu !== board.mcu) {
    const message = `The board on ${placeWords(place)} reports the MCU ${found.mcu}; the ${board.name} that was chosen has an ${board.mcu}.`;
    return { code: 'image/wrong-mcu', message, state: 'untouched' };
  }
  const isOther =
    judgeChips({ uid: state.uid, dfuSerial: null }, { uid: found.uid, dfuSerial: null }) === 'other';
  if (isOther) {
    const message = `${placeWords(place)} had the chip ${state.uid ?? '?'}, now it has ${found.uid ?? '?'}.`;
    return { code: 'device/returned-as-another', message, state: 'untouched' };
  }
  return null;
}

function followJob(state: FlowState, event: Extract<FlowNews, { type: 'job' }>): FlowStep {
  const uid = event.uid ?? state.uid;
  const canbusUuid = event.canbusUuid ?? state.canbusUuid;
  const backupId = event.backupId ?? state.backupId;
  const isNews = uid !== state.uid || canbusUuid !== state.canbusUuid || backupId !== state.backupId;
  const known: FlowState = isNews ? { ...state, uid, canbusUuid, backupId } : state;
  if (event.status === 'done') {
    const { found } = event;
    if (state.stage === 'bus') return stay({ ...known, stage: 'done' });
    if (state.board?.role === 'node') return toBus(known);
    const pi = state.printer?.kind === 'pi' ? newFlowPi(state.printer) : null;
    return stay({ ...known, ...(found ?? {}), stage: 'pi', waitingSince: null, pi });
  }
  const trouble = event.status === 'failed' || event.status === 'cancelled' ? event.trouble : null;
  return stay(trouble === null ? known : { ...known, trouble });
}

function resume(left: FlowState, at: string): FlowStep {
  // After a restart the tracker may give the board another id.
  const state: FlowState = { ...left, boardId: null, confirmations: unmarked(left) };
  if (state.stage === 'dfu') {
    const card = isWritingCard(state) ? cardAgain(state.card) : state.card;
    return wait({ ...state, stage: 'firmware', card }, at);
  }
  if (!isWriting(state)) return stay(resumePi({ ...state, jobId: null }));
  const message = 'The station was closed while this board was being written.';
  return stay({ ...state, jobId: null, trouble: { code: 'flow/interrupted', message, state: 'unknown' } });
}
