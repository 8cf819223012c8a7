import type { BoardState } from '../errors.ts';
import type { BoardMode } from './board-mode.ts';

/** The state of a board whose application was written and read back, by the mode it was then seen in. */
export function stateWithApplication(mode: BoardMode | null): BoardState {
  if (mode === 'can-bridge') return 'running-bridge';
  return mode === 'klipper-serial' ? 'running-klipper' : 'katapult-verified';
}

/** The state of a board whose Katapult was written and read back, by the mode it was then seen in. */
export function stateWithKatapult(mode: BoardMode | null): BoardState {
  if (mode === 'katapult') return 'running-katapult';
  return mode === 'bootsel' ? 'bootsel-written' : 'dfu-written';
}
