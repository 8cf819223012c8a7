import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parsePreset } from '../../../app/boards/preset.ts';
import { errorDetails } from '../../fixtures/error-details.ts';

type Sourced = Record<string, { value: unknown }>;
type PresetJson = Sourced & { readonly variants: Sourced[] };

const text = readFileSync('resources/boards/btt-octopus.json', 'utf8');

function refusal(change: (json: PresetJson) => void) {
  const json = JSON.parse(text) as PresetJson;
  change(json);
  return errorDetails(() => parsePreset('btt-octopus.json', JSON.stringify(json)));
}

it.each([
  // 80 KiB lies in the middle of the sector of 64 KiB, 24 in one of 16.
  ['an application in the middle of a sector', 'applicationOffsetKiB', 80, 'applicationOffsetKiB.value'],
  [
    'an application in the middle of a small sector',
    'applicationOffsetKiB',
    24,
    'applicationOffsetKiB.value',
  ],
  ['a port that no STM32F4 has', 'canPins', ['PL0', 'PD1'], 'canPins.value[0]'],
  ['a pin that no port has', 'usbPins', ['PA11', 'PA16'], 'usbPins.value[1]'],
])('refuses %s', (_title, field, value, at) => {
  const details = refusal((json) => {
    json[field]!.value = value;
  });
  expect(details).toMatchObject({ code: 'preset/invalid', field: at });
});

it('refuses the marking of another chip than the variant has', () => {
  const details = refusal(({ variants: [variant] }) => {
    variant!['markings']!.value = ['STM32F401RCT6'];
  });
  expect(details).toMatchObject({ code: 'preset/invalid', field: 'variants[0].markings.value[0]' });
});
