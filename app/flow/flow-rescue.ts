import type { FlowEffect } from './flow-event.ts';
import { imagesOverUsb } from '../image/images-over-usb.ts';
import { stay, type FlowStep } from './flow-step.ts';
import type { Trouble } from '../errors/trouble.ts';
import type { FlowState } from './flow-state.ts';

/**
 * Whether the search for the board's crystal may help: the board stayed silent, or its Katapult runs with another
 * crystal than the images are for.
 */
export function mayBeCrystal({ code, details }: Trouble): boolean {
  return (
    code === 'device/did-not-return' ||
    (code === 'image/wrong-crystal' && typeof details?.['place'] === 'string')
  );
}

/** Begins the search that the running job offers; after a failure, starts again with it. */
export function findCrystal(state: FlowState): FlowStep {
  const { stage, trouble, jobId, board, images, place } = state;
  if (stage !== 'flash') return stay(state);
  if (trouble === null) return jobId === null ? stay(state) : { state, effects: [{ type: 'search', jobId }] };
  if (!mayBeCrystal(trouble) || board === null || images === null || place === null) return stay(state);
  const effect: FlowEffect = {
    ...{ type: 'start-flash', place, board, images: imagesOverUsb(board.role, images) },
    confirmations: state.confirmations,
    // The board no longer holds what it came with.
    backup: false,
    crystalHz: state.crystalHz,
    // A Katapult that was written but never appeared.
    search: { silentHz: trouble.state === 'dfu-written' ? [state.crystalHz ?? board.crystalHz] : [] },
  };
  return { state: { ...state, trouble: null, jobId: null }, effects: [effect] };
}
