import { describe, expect, it } from 'vitest';
import { handProgress } from '../../../app/flow/hand-steps.ts';
import { loadPresets } from '../../../main/presets.ts';

const step = (...parts: readonly string[]): { parts: readonly string[] } => ({ parts });
const withJumper = [
  step('heaters'),
  step('power-24v', 'usb'),
  step('usb-power-jumper'),
  step('boot0-jumper'),
  step('usb', 'power-24v'),
  step('reset-button'),
];
const withButton = [step('usb', 'power-24v'), step('boot0-button'), step('reset-button')];

describe('where a person is in the steps for a board', () => {
  it.each([
    ['at the first step before anything was seen', withJumper, 'nothing', { done: 0, at: 0 }],
    ['at powering off while the board is there', withJumper, 'here', { done: 0, at: 1 }],
    ['behind powering off once it left USB', withJumper, 'off', { done: 2, at: 2 }],
    ['at BOOT0 when it came back in the wrong mode', withJumper, 'wrong', { done: 0, at: 3 }],
    ['behind plugging in where no step powers off', withButton, 'here', { done: 1, at: 1 }],
    ['at the button when it started its firmware', withButton, 'wrong', { done: 0, at: 1 }],
    ['at plugging in where the cable came out', withButton, 'off', { done: 0, at: 0 }],
    ['at the only step', [step('reset-button')], 'here', { done: 0, at: 0 }],
  ] as const)('is %s', (_case, steps, sight, progress) => {
    expect(handProgress(steps, sight)).toEqual(progress);
  });

  it('is at a step of every preset, whatever USB shows', async () => {
    const lists = (await loadPresets()).flatMap(({ romEntry, romLeave }) => [romEntry.value, romLeave.value]);
    for (const steps of lists.filter((list) => list !== null)) {
      for (const sight of ['nothing', 'here', 'off', 'wrong'] as const) {
        const { done, at } = handProgress(steps, sight);
        expect(steps[at]).toBeDefined();
        expect(done).toBeLessThanOrEqual(steps.length);
      }
    }
  });
});
