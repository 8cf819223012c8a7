import type { FlowEffect } from './flow-event.ts';
import type { FlowState } from './flow-state.ts';

/** What an event makes of a flow, and what is to be done because of it. */
export interface FlowStep {
  readonly state: FlowState;
  readonly effects: readonly FlowEffect[];
}

export const stay = (state: FlowState): FlowStep => ({ state, effects: [] });
