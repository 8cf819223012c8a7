import type { BoardState } from '../errors.ts';
import type { BoardMode } from './board-mode.ts';

/** What a board is left as whose application was written and read back, by the mode it was seen in then. */
export function stateWithApplication(mode: BoardMode | null): BoardState {
  if (mode === 'can-bridge') return 'running-bridge';
  return mode === 'klipper-serial' ? 'running-klipper' : 'katapult-verified';
}

/** What a board is left as whose Katapult was written and read back, by the mode it was seen in then. */
export function stateWithKatapult(mode: BoardMode | null): BoardState {
  return mode === 'katapult' ? 'running-katapult' : 'dfu-written';
}
