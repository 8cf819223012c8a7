import type { Board } from '../boards/board.ts';
import type { PlaceId } from '../place.ts';
import type { FlowChoice, FlowNews } from './flow-event.ts';
import { newFlowPi } from './flow-pi.ts';
import type { FlowCard, FlowState } from './flow-state.ts';
import { stay, type FlowStep } from './flow-step.ts';

type CardChoice = Extract<FlowChoice, { type: 'choose-card' | 'write-card' }>;
type CardNews = Extract<FlowNews, { type: 'card-written' | 'card-refused' }>;

/** True while a card is written, or is about to be. */
export function isWritingCard({ card, trouble }: Pick<FlowState, 'card' | 'trouble'>): boolean {
  return card?.step === 'writing' && trouble === null;
}

/** The same way, from its beginning; null if it is not a card. */
export function cardAgain(card: FlowCard | null): FlowCard | null {
  return card === null ? null : newCard;
}

const newCard: FlowCard = { step: 'write', fileName: null, isEjected: false, uidsBefore: [] };

/** The part of `flowAfter` about an SD card, for a flow in which no other work runs. */
export function cardAfter(
  state: FlowState,
  event: (CardChoice | CardNews) & { readonly at: string },
): FlowStep {
  const { card } = state;
  switch (event.type) {
    case 'choose-card':
      if (state.board === null || (state.stage !== 'firmware' && state.stage !== 'dfu')) return stay(state);
      return stay({
        ...{ ...state, stage: 'dfu', card: newCard, images: null, crystalHz: null },
        ...{ place: null, placesBefore: null, waitingSince: null, trouble: null },
      });
    case 'write-card': {
      if (card === null || state.board === null || state.stage !== 'dfu') return stay(state);
      const { card: cardId, image } = event;
      const images = { bootloader: null, application: image };
      return {
        state: { ...state, images, card: { ...newCard, step: 'writing' }, trouble: null },
        effects: [
          { type: 'write-card', card: cardId, board: state.board, image, confirmations: state.confirmations },
        ],
      };
    }
    case 'card-written': {
      if (!isWritingCard(state)) return stay(state);
      const { fileName, isEjected } = event;
      const written: FlowCard = { ...newCard, step: 'boot', fileName, isEjected };
      const next: FlowState = { ...state, card: written, placesBefore: null, waitingSince: event.at };
      return { state: next, effects: [{ type: 'look' }] };
    }
    case 'card-refused':
      if (!isWritingCard(state)) return stay(state);
      return stay({ ...state, card: newCard, trouble: event.trouble });
  }
}

/** Boards that may have started from the card: bridges that no other work holds. */
export function cardCandidates(
  { board }: Pick<FlowState, 'board'>,
  boards: readonly Board[],
  heldPlaces: readonly PlaceId[],
): readonly Board[] {
  return boards.filter(
    ({ place, mode, mcu }) =>
      place !== null &&
      !heldPlaces.includes(place) &&
      mode === 'can-bridge' &&
      (mcu === null || mcu === board?.mcu),
  );
}

/**
 * What a board made of the card shows only by what enumerates: a bridge that was not there when the card was written. One
 * whose chip ran as a bridge before may still run its old firmware, so a person says that it is the one.
 */
export function lookForWritten(
  state: FlowState,
  boards: readonly Board[],
  heldPlaces: readonly PlaceId[],
): FlowStep {
  const { card } = state;
  if (card?.step !== 'boot' || state.trouble !== null) return stay(state);
  const free = cardCandidates(state, boards, heldPlaces);
  const ports = free.flatMap(({ place }) => place ?? []);
  const named = free.find(({ place }) => place === state.place);
  if (named !== undefined) return started(state, named);
  const { placesBefore } = state;
  if (placesBefore === null) {
    const uidsBefore = free.flatMap(({ uid }) => uid ?? []);
    return stay({ ...state, placesBefore: ports, card: { ...card, uidsBefore } });
  }
  const appeared = free.filter(
    ({ place, uid }) =>
      place !== null && !placesBefore.includes(place) && (uid === null || !card.uidsBefore.includes(uid)),
  );
  const [only] = appeared;
  if (only !== undefined && appeared.length === 1) return started(state, only);
  const stillThere = placesBefore.filter((port) => ports.includes(port));
  return stay(stillThere.length === placesBefore.length ? state : { ...state, placesBefore: stillThere });
}

/** It is the one that a person named, or the one that appeared. */
function started(state: FlowState, { place, uid, canbusUuid, id }: Board): FlowStep {
  const pi = state.printer?.kind === 'pi' ? newFlowPi(state.printer) : null;
  return stay({ ...state, stage: 'pi', place, uid, canbusUuid, boardId: id, waitingSince: null, pi });
}
