import { describe, expect, it } from 'vitest';
import {
  beginSearch,
  searchAfter,
  type SearchEvent,
  type SearchStart,
  type SearchState,
} from '../../../app/rescue/crystal-search.ts';

const start: SearchStart = {
  candidatesHz: [12, 8, 16],
  katapultHz: null,
  writtenHz: 12,
  silentHz: [12],
  isInDfu: false,
};

const eventOf = (type: SearchEvent['type']): SearchEvent =>
  type === 'katapult' ? { type, crystalHz: null } : { type };

/** What is to be done from the start on, and the state after these events. */
function run(
  begin: SearchStart,
  ...events: readonly SearchEvent['type'][]
): { done: string[]; state: SearchState } {
  let { state, effects } = beginSearch(begin);
  const done: string[] = [];
  const note = (): void => {
    done.push(
      effects.map((effect) => (effect.type === 'ask' ? effect.ask : `write ${effect.crystalHz}`)).join(),
    );
  };
  note();
  for (const type of events) {
    ({ state, effects } = searchAfter(state, eventOf(type)));
    note();
  }
  return { done, state };
}

describe('the search for a crystal', () => {
  it('asks for DFU, writes the next candidate there, and knows the crystal when one enumerates', () => {
    const { done, state } = run(start, 'dfu', 'started', 'silent', 'dfu', 'started', 'katapult');
    expect(done).toEqual(['back-to-dfu', 'write 8', '', 'back-to-dfu', 'write 16', '', '']);
    expect(state).toMatchObject({ stage: 'found', currentHz: 16, silentHz: [12, 8] });
  });

  it('does not write again what was silent already', () => {
    expect(run(start, 'dfu').done).toEqual(['back-to-dfu', 'write 8']);
    expect(run({ ...start, writtenHz: null, silentHz: [] }, 'dfu').done).toEqual(['back-to-dfu', 'write 12']);
  });

  it('begins at once on a board that is in DFU', () => {
    expect(run({ ...start, isInDfu: true }).done).toEqual(['write 8']);
  });

  it('takes a reset that comes early for silence', () => {
    const { done, state } = run(start, 'dfu', 'started', 'dfu');
    expect(done).toEqual(['back-to-dfu', 'write 8', '', 'write 16']);
    expect(state.silentHz).toEqual([12, 8]);
  });

  it('accepts a Katapult that comes late', () => {
    expect(run(start, 'dfu', 'started', 'silent', 'katapult').state).toMatchObject({
      stage: 'found',
      currentHz: 8,
    });
    // Also the first one, when the jumper comes off after all.
    expect(run(start, 'katapult').state).toMatchObject({ stage: 'found', currentHz: 12 });
  });

  it('believes what a Katapult has in flash, and keeps waiting if that is unknown', () => {
    const { state } = beginSearch({ ...start, writtenHz: null });
    expect(searchAfter(state, { type: 'katapult', crystalHz: null }).state.stage).toBe('to-dfu');
    expect(searchAfter(state, { type: 'katapult', crystalHz: 25 }).state).toMatchObject({
      ...{ stage: 'found', currentHz: 25 },
    });
  });

  it('ends with what was tried when nothing enumerates', () => {
    const { state } = run(start, 'dfu', 'started', 'silent', 'dfu', 'started', 'silent');
    expect(state).toMatchObject({ stage: 'exhausted', silentHz: [12, 8, 16] });
    expect(beginSearch({ ...start, candidatesHz: [12] }).state.stage).toBe('exhausted');
  });

  it('takes the crystal of a Katapult that was seen: a double tap, and it is found', () => {
    const { done, state } = run({ ...start, katapultHz: 8, silentHz: [] }, 'katapult');
    expect(done).toEqual(['wake-katapult', '']);
    expect(state).toMatchObject({ stage: 'found', currentHz: 8 });
  });

  it('writes that Katapult again where the board comes in DFU instead', () => {
    const { done, state } = run({ ...start, katapultHz: 8, silentHz: [] }, 'dfu', 'started', 'katapult');
    expect(done).toEqual(['wake-katapult', 'write 8', '', '']);
    expect(state).toMatchObject({ stage: 'found', currentHz: 8 });
    expect(run({ ...start, katapultHz: 8, silentHz: [], isInDfu: true }).done).toEqual(['write 8']);
  });

  it('is changed by nothing once it is over', () => {
    const { state } = run(start, 'katapult');
    for (const type of ['dfu', 'started', 'katapult', 'silent'] as const) {
      expect(searchAfter(state, eventOf(type))).toEqual({ state, effects: [] });
    }
  });

  it('ends for every order of events, with each candidate written once at most', () => {
    const types = ['dfu', 'started', 'katapult', 'silent'] as const;
    const visit = (state: SearchState, written: readonly number[], depth: number): void => {
      expect(new Set(written).size).toBe(written.length);
      if (depth === 0) return;
      for (const type of types) {
        const step = searchAfter(state, eventOf(type));
        const more = step.effects.flatMap((effect) => (effect.type === 'write' ? effect.crystalHz : []));
        if (step.state !== state) visit(step.state, [...written, ...more], depth - 1);
      }
    };
    const begun = beginSearch(start);
    visit(begun.state, [], 9);
  });
});
