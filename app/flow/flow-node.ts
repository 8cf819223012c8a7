import { nodeAt, type PlaceId } from '../place.ts';
import type { FlowEffect } from './flow-event.ts';
import type { FlowState } from './flow-state.ts';
import { stay, type FlowStep } from './flow-step.ts';

/** True while Klipper is being written to a node over CAN, or is about to be. */
export function isWritingNode({ stage, nodePlace, trouble }: FlowState): boolean {
  return stage === 'bus' && nodePlace !== null && trouble === null;
}

/** Katapult is on a node: its port is free again, and the bus is the next place to see it. */
export function toBus(state: FlowState): FlowStep {
  const gone = { place: null, boardId: null, nodePlace: null, jobId: null, waitingSince: null };
  return stay({ ...state, ...gone, stage: 'bus' });
}

/**
 * Writes Klipper to the node at a place, given or chosen before. Another node than the one that got its Katapult here
 * changes nothing: a window may be behind.
 */
export function writeNode(state: FlowState, place: PlaceId | null): FlowStep {
  const { stage, board, images, confirmations, crystalHz } = state;
  const node = place === null ? null : nodeAt(place);
  if (stage !== 'bus' || place === null || node === null || board === null || images === null)
    return stay(state);
  if (state.canbusUuid !== null && state.canbusUuid !== node.canbusUuid) return stay(state);
  const effect: FlowEffect = {
    ...{ type: 'start-flash', place, board, images: { ...images, bootloader: null }, confirmations },
    ...{ backup: false, crystalHz, search: null },
  };
  const next = { canbusUuid: node.canbusUuid, nodePlace: place, jobId: null, trouble: null };
  return { state: { ...state, ...next }, effects: [effect] };
}
