import * as z from 'zod/mini';
import type { Ask } from '../flash/run-step.ts';
import type { Plain } from '../plain.ts';

/**
 * The search for the crystal of a board that stays silent. ROM DFU detects the crystal itself, so DFU works with any;
 * firmware for another one does not show on USB. So a small bootloader is written through DFU for one crystal after the
 * other, and the first that enumerates shows which one the board has.
 *
 * A pure machine: (state, event) -> (state, effects). Its runner writes the images and waits; a person presses the
 * buttons.
 */
export interface SearchState {
  /**
   * - `to-dfu`: a person brings the board into ROM DFU: jumper on, reset pressed.
   * - `to-katapult`: a person presses reset twice: the Katapult on the board enumerated before.
   * - `write`: a candidate is being written.
   * - `listen`: a candidate was started; it enumerates, or not.
   * - `found`, `exhausted`: over.
   */
  readonly stage: 'to-dfu' | 'to-katapult' | 'write' | 'listen' | 'found' | 'exhausted';
  /** The crystal of the Katapult that is in flash, or is being written; null if unknown. */
  readonly currentHz: number | null;
  /** What remains to be tried, next first. */
  readonly leftHz: readonly number[];
  /** What was tried and stayed silent, in this order. */
  readonly silentHz: readonly number[];
}

export type SearchEvent =
  /** ROM DFU is on the port. */
  | { readonly type: 'dfu' }
  /** A candidate is in flash, was read back and started. */
  | { readonly type: 'started' }
  /** Katapult is on the port; `crystalHz` is what it is built for, null if it was not read from flash. */
  | { readonly type: 'katapult'; readonly crystalHz: number | null }
  /** Nothing appeared in the time that a board may take, or what appeared cannot be read. */
  | { readonly type: 'silent' };

export type SearchEffect =
  | { readonly type: 'ask'; readonly ask: Extract<Ask, 'back-to-dfu' | 'wake-katapult'> }
  | { readonly type: 'write'; readonly crystalHz: number };

/**
 * The progress of a search:
 * - `try`: the Katapult for this crystal is written.
 * - `silent`: it stayed silent.
 * - `found`: it enumerated: this is the crystal.
 * - `build`: firmware is built for it.
 */
export const searchStages = ['try', 'silent', 'found', 'build'] as const;

/** How far a search is; `left`: how many crystals are still to be tried after this one. */
export const searchProgressSchema = z.object({
  stage: z.enum(searchStages),
  crystalHz: z.int(),
  left: z.int(),
});

export type SearchProgress = Plain<z.infer<typeof searchProgressSchema>>;

interface SearchStep {
  readonly state: SearchState;
  readonly effects: readonly SearchEffect[];
}

export interface SearchStart {
  /** In the order in which to try them. */
  readonly candidatesHz: readonly number[];
  /** From a Katapult that was seen on this board: then its crystal is the board's. */
  readonly katapultHz: number | null;
  /** From the Katapult that was written last; null if there was none, or its image does not state it. */
  readonly writtenHz: number | null;
  /** Tried before, and silent. */
  readonly silentHz: readonly number[];
  /** The board is in ROM DFU now. */
  readonly isInDfu: boolean;
}

export function beginSearch(start: SearchStart): SearchStep {
  const { candidatesHz, katapultHz, writtenHz, silentHz, isInDfu } = start;
  if (katapultHz !== null) {
    const state: SearchState = { stage: 'to-katapult', currentHz: katapultHz, leftHz: [], silentHz: [] };
    return isInDfu
      ? write(state, katapultHz, [])
      : { state, effects: [{ type: 'ask', ask: 'wake-katapult' }] };
  }
  const state: SearchState = {
    stage: 'to-dfu',
    currentHz: writtenHz,
    leftHz: candidatesHz.filter((crystalHz) => !silentHz.includes(crystalHz)),
    silentHz,
  };
  if (state.leftHz.length === 0) return over(state, 'exhausted');
  return isInDfu ? next(state) : { state, effects: [{ type: 'ask', ask: 'back-to-dfu' }] };
}

/** An event that does not fit the stage changes nothing. */
export function searchAfter(state: SearchState, event: SearchEvent): SearchStep {
  switch (state.stage) {
    case 'to-katapult':
      if (event.type === 'katapult') return found(state, event.crystalHz);
      // In ROM DFU, too, the board is at hand: write the same Katapult again, so that it stays.
      if (event.type === 'dfu' && state.currentHz !== null) return write(state, state.currentHz, []);
      return stay(state);
    case 'to-dfu':
      if (event.type === 'dfu') return next(state);
      // It appeared later than a board is expected to.
      return event.type === 'katapult' ? found(state, event.crystalHz) : stay(state);
    case 'write':
      return event.type === 'started' ? stay({ ...state, stage: 'listen' }) : stay(state);
    case 'listen':
      return listenAfter(state, event);
    case 'found':
    case 'exhausted':
      return stay(state);
  }
}

function listenAfter(state: SearchState, event: SearchEvent): SearchStep {
  switch (event.type) {
    case 'katapult':
      return found(state, event.crystalHz);
    case 'silent':
    case 'dfu': {
      const { currentHz, silentHz } = state;
      const tried: SearchState = {
        ...state,
        stage: 'to-dfu',
        silentHz: currentHz === null ? silentHz : [...silentHz, currentHz],
      };
      if (tried.leftHz.length === 0) return over(tried, 'exhausted');
      // Reset was pressed already.
      if (event.type === 'dfu') return next(tried);
      return { state: tried, effects: [{ type: 'ask', ask: 'back-to-dfu' }] };
    }
    case 'started':
      return stay(state);
  }
}

function next(state: SearchState): SearchStep {
  const [crystalHz, ...leftHz] = state.leftHz;
  return crystalHz === undefined ? over(state, 'exhausted') : write(state, crystalHz, leftHz);
}

function write(state: SearchState, crystalHz: number, leftHz: readonly number[]): SearchStep {
  return {
    state: { ...state, stage: 'write', currentHz: crystalHz, leftHz },
    effects: [{ type: 'write', crystalHz }],
  };
}

/** The crystal of a Katapult that enumerates; an unknown one settles nothing. */
function found(state: SearchState, crystalHz: number | null): SearchStep {
  const currentHz = crystalHz ?? state.currentHz;
  return currentHz === null ? stay(state) : over({ ...state, currentHz }, 'found');
}

function over(state: SearchState, stage: 'found' | 'exhausted'): SearchStep {
  return { state: { ...state, stage }, effects: [] };
}

function stay(state: SearchState): SearchStep {
  return { state, effects: [] };
}
