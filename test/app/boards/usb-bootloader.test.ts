import { expect, it } from 'vitest';
import { findPreset } from '../../../app/boards/preset.ts';
import { requireUsbBootloader } from '../../../app/boards/usb-bootloader.ts';
import { loadPresets } from '../../../main/presets.ts';
import { codeOf } from '../../error-code.ts';

const presets = await loadPresets();

it.each([
  ['btt-octopus:f446', 'no error'],
  ['btt-ebb-1.2:g0b1', 'no error'],
  ['huvud', 'preset/no-usb-bootloader'],
])('the first Katapult of %s over USB: %s', (reference, outcome) => {
  const { preset, variants } = findPreset(presets, reference);
  expect(codeOf(() => requireUsbBootloader(preset, variants[0]?.mcu.value ?? ''))).toBe(outcome);
});
