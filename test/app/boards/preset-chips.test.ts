import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applicationOffsetOf } from '../../../app/boards/application-offset.ts';
import { findPreset, parsePreset } from '../../../app/boards/preset.ts';
import { recipeForBoard } from '../../../app/build/board-recipe.ts';
import { applicationStartFor, expectationOf } from '../../../app/image/board-expectation.ts';
import { findProblems, presetTarget } from '../../../app/image/check-image.ts';
import { describeImage } from '../../../app/image/inspect-image.ts';
import { makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { errorDetails } from '../../fixtures/error-details.ts';

type Sourced = Record<string, { value: unknown }>;
type PresetJson = Sourced & { readonly variants: Sourced[] };

const text = readFileSync('resources/boards/btt-octopus.json', 'utf8');

function initialPins(pins: string) {
  return { value: { pins, roles: ['node'], inKatapult: true }, source: 'katapult' };
}

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

it('refuses an application of one chip in the middle of its sector, although the others have theirs', () => {
  const details = refusal(({ variants }) => {
    variants[2]!['applicationOffsetKiB'] = { value: 24, source: 'katapult' } as { value: unknown };
  });
  expect(details).toMatchObject({ field: 'variants[2].applicationOffsetKiB.value' });
});

it.each(['PA11,', 'PZ1', 'PA1;PA2', '!!PA1', 'PD14,PL3'])(
  'refuses the pins "%s" to set at start',
  (value) => {
    const details = refusal((json) => {
      json['initialPins'] = initialPins(value);
    });
    expect(details).toMatchObject({ code: 'preset/invalid', field: 'initialPins.value.pins' });
  },
);

describe('a board whose chips start their applications at different places', () => {
  const json = JSON.parse(text) as PresetJson;
  json.variants[2]!['applicationOffsetKiB'] = { value: 16, source: 'katapult' } as { value: unknown };
  json['initialPins'] = initialPins('PD14, !PA2');
  const preset = parsePreset('btt-octopus.json', JSON.stringify(json));
  const board = expectationOf(findPreset([preset], 'octopus'));

  it('has a place for each', () => {
    expect(preset.variants.map((variant) => applicationOffsetOf(preset, variant).value)).toEqual([
      32, 32, 16, 128,
    ]);
    expect(['stm32f446xx', 'stm32f407xx'].map((mcu) => applicationStartFor(board, mcu))).toEqual([
      0x08008000, 0x08004000,
    ]);
    expect(recipeForBoard(findPreset([preset], 'octopus:f407')).recipe.applicationOffset).toBe(0x4000);
  });

  it('takes the image of each only for its own place', () => {
    const codes = (mcu: 'stm32f446xx' | 'stm32f407xx', applicationAddress: number) => {
      const crystalHz = mcu === 'stm32f446xx' ? 12_000_000 : 8_000_000;
      const info = { ...describeImage(makeKlipperImage({ mcu, crystalHz, applicationAddress })), sha256: '' };
      const target = { through: 'katapult', ...presetTarget(info, board) } as const;
      return findProblems(info, board, target).map(({ code }) => code);
    };
    expect(codes('stm32f407xx', 0x08004000)).toEqual([]);
    expect(codes('stm32f446xx', 0x08008000)).toEqual([]);
    expect(codes('stm32f407xx', 0x08008000)).toEqual(['image/wrong-address']);
    expect(codes('stm32f446xx', 0x08004000)).toEqual(['image/wrong-address']);
  });
});
