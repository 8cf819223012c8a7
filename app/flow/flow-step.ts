import type { FlowEffect } from './flow-event.ts';
import type { FlowState } from './flow-state.ts';

/** The flow after an event, and what to do because of it. */
export interface FlowStep {
  readonly state: FlowState;
  readonly effects: readonly FlowEffect[];
}

export const stay = (state: FlowState): FlowStep => ({ state, effects: [] });
