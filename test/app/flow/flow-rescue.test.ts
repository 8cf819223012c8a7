import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../app/errors.ts';
import { flowAfter } from '../../../app/flow/flow.ts';
import type { FlowEffect } from '../../../app/flow/flow-event.ts';
import type { Trouble } from '../../../app/errors/trouble.ts';
import { newFlow, type FlowState } from '../../../app/flow/flow-state.ts';

const at = '2026-01-01T00:00:00.000Z';
const images = { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) };
const board = {
  ...{ presetId: 'btt-octopus', variantId: 'f446', name: 'Octopus', mcu: 'stm32f446xx' },
  ...{ crystalHz: 12_000_000, role: 'bridge' as const, confirms: [] },
};
const writing: FlowState = {
  ...newFlow('1', at, 'usb:1-2'),
  ...{ stage: 'flash', board, images, isConfirmed: true, jobId: 'j1' },
};

function failed(code: ErrorCode, more: Partial<Trouble> = {}): FlowState {
  return { ...writing, trouble: { code, message: '', state: 'dfu-written', ...more } };
}

function find(state: FlowState): { state: FlowState; effects: readonly FlowEffect[] } {
  return flowAfter(state, { type: 'find-crystal', at });
}

describe('a flow whose board stays silent', () => {
  it('begins the search that the running job offers', () => {
    expect(find(writing).effects).toEqual([{ type: 'search', jobId: 'j1' }]);
    expect(find(writing).state).toBe(writing);
  });

  it('begins another try with a search after the first has failed, without what was silent', () => {
    const { state, effects } = find(failed('device/did-not-return'));
    expect(state).toMatchObject({ stage: 'flash', trouble: null, jobId: null });
    expect(effects).toMatchObject([
      {
        ...{ type: 'start-flash', place: 'usb:1-2', images, backup: false, crystalHz: null },
        search: { silentHz: [12_000_000] },
      },
    ]);
  });

  it('leaves nothing out where Katapult ran and Klipper stayed silent', () => {
    const { effects } = find(failed('device/did-not-return', { state: 'katapult-verified' }));
    expect(effects).toMatchObject([{ search: { silentHz: [] } }]);
  });

  it('searches, too, where Katapult runs with another crystal than the images are for', () => {
    const details = { place: 'usb:1-2' };
    expect(find(failed('image/wrong-crystal', { state: 'untouched', details })).effects).toHaveLength(1);
    // Images that do not fit their preset are another matter.
    expect(find(failed('image/wrong-crystal', { state: 'untouched' })).effects).toEqual([]);
  });

  it('searches for no other trouble, nor in another stage', () => {
    expect(find(failed('dfu/verify-mismatch')).effects).toEqual([]);
    expect(find({ ...writing, stage: 'dfu' }).effects).toEqual([]);
  });

  it('remembers what was found, and takes it for the next board like this', () => {
    const found = {
      crystalHz: 8_000_000,
      images: { bootloader: 'c'.repeat(64), application: 'd'.repeat(64) },
    };
    const done = flowAfter(writing, {
      ...{ type: 'job', jobId: 'j1', uid: null, canbusUuid: null, backupId: null },
      ...{ status: 'done', trouble: null, proofs: [], found, at },
    });
    expect(done.state).toMatchObject({ stage: 'pi', ...found });
    const chosen = flowAfter(newFlow('2', at, null), { type: 'choose-board', board, at }).state;
    const next = flowAfter(chosen, { type: 'choose-images', ...found, at }).state;
    expect(next).toMatchObject({ stage: 'dfu', ...found });
    expect(flowAfter(next, { type: 'choose-images', images, at }).state.crystalHz).toBeNull();
  });
});
