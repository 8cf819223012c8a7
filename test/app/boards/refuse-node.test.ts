import { expect, it } from 'vitest';
import { findPreset } from '../../../app/boards/preset.ts';
import { refuseNode } from '../../../app/boards/refuse-node.ts';
import { loadPresets } from '../../../main/presets.ts';
import { codeOf } from '../../error-code.ts';

const presets = await loadPresets();

it.each([
  ['btt-octopus', 'no error'],
  ['btt-ebb-1.2', 'preset/node-in-two-steps'],
  ['huvud', 'preset/node-in-two-steps'],
])('an order for both images of %s over USB: %s', (reference, outcome) => {
  expect(codeOf(() => refuseNode(findPreset(presets, reference).preset))).toBe(outcome);
});
