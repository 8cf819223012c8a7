import { describe, expect, it } from 'vitest';
import { checkBuiltImage } from '../../../app/build/built-image.ts';
import type { ImageInfo } from '../../../app/image/image-info.ts';
import { codeOf } from '../../error-code.ts';
import { makeRecipe, type Recipe } from '../../../app/build/recipe.ts';
import { octopus, octopusInput } from './octopus.ts';

const klipper: ImageInfo = {
  kind: 'klipper',
  mcu: 'stm32f446xx',
  applicationAddress: 0x08008000,
  launchAddress: null,
  initialStackPointer: 0x20020000,
  resetVector: 0x0800a001,
  version: 'v1-0-gabc',
  usb: true,
  can: { role: 'bridge', pins: ['PD0', 'PD1'], bitrateBps: null },
  clockHz: 180_000_000,
  crystalHz: null,
  truncation: null,
  size: 1,
  sha256: '',
  dictionary: null,
};
const katapult: ImageInfo = {
  ...klipper,
  kind: 'katapult',
  applicationAddress: 0x08000000,
  launchAddress: 0x08008000,
  can: null,
};
const resolved = new Map([['CLOCK_FREQ', '180000000']]);

const node = makeRecipe({ ...octopusInput, role: 'node' });
const usb = makeRecipe({ ...octopusInput, role: 'usb' });
const onBus = { role: 'node', pins: ['PD0', 'PD1'], bitrateBps: 1_000_000 } as const;
const noCan = { role: 'none', pins: null, bitrateBps: null } as const;

it.each<[string, Recipe, 'katapult' | 'klipper', Partial<ImageInfo>, string | null]>([
  ['a node is one', node, 'klipper', { can: onBus, usb: false }, null],
  ['a node is a bridge', node, 'klipper', {}, 'build/image-mismatch'],
  [
    'a node has other pins',
    node,
    'klipper',
    { can: { ...onBus, pins: ['PB8', 'PB9'] } },
    'build/image-mismatch',
  ],
  [
    'a node has another rate',
    node,
    'klipper',
    { can: { ...onBus, bitrateBps: 500_000 } },
    'build/image-mismatch',
  ],
  ['Katapult of a node has no USB', node, 'katapult', { usb: false, can: { ...onBus, pins: null } }, null],
  ['Katapult of a node has USB', node, 'katapult', { usb: true }, 'build/image-mismatch'],
  ['Katapult of a bridge has no USB', octopus, 'katapult', { usb: false }, 'build/image-mismatch'],
  ['a USB device has no CAN', usb, 'klipper', { can: noCan }, null],
  ['a USB device is a bridge', usb, 'klipper', {}, 'build/image-mismatch'],
])('%s', (_title, recipe, target, change, code) => {
  const info = { ...(target === 'katapult' ? katapult : klipper), ...change };
  const check = () => checkBuiltImage(info, { target, recipe, resolved, version: null });
  if (code === null) expect(check).not.toThrow();
  else expect(codeOf(check)).toBe(code);
});

function outcome(
  target: 'katapult' | 'klipper',
  change: Partial<ImageInfo> = {},
  version: string | null = 'v1-0-gabc',
) {
  const info = { ...(target === 'katapult' ? katapult : klipper), ...change };
  return codeOf(() => checkBuiltImage(info, { target, recipe: octopus, resolved, version }));
}

describe('a built image', () => {
  it('that says what the recipe says is good, where it says nothing optional, too', () => {
    expect(outcome('klipper')).toBe('no error');
    expect(outcome('katapult')).toBe('no error');
    expect(outcome('katapult', { version: null, clockHz: null, crystalHz: null })).toBe('no error');
    expect(outcome('klipper', { crystalHz: 12_000_000 })).toBe('no error');
  });

  it.each<[string, Partial<ImageInfo>]>([
    ['another kind', { kind: 'unknown' }],
    ['another MCU', { mcu: 'stm32f407xx' }],
    ['no MCU', { mcu: null }],
    ['another place', { applicationAddress: 0x08010000 }],
    ['another clock', { clockHz: 168_000_000 }],
    ['another crystal', { crystalHz: 8_000_000 }],
    ['a node', { can: { role: 'node', pins: ['PD0', 'PD1'], bitrateBps: 1_000_000 } }],
    ['no CAN', { can: null }],
    ['other pins', { can: { role: 'bridge', pins: ['PB8', 'PB9'], bitrateBps: null } }],
    ['another bit rate', { can: { role: 'bridge', pins: ['PD0', 'PD1'], bitrateBps: 500_000 } }],
    ['another version', { version: 'v1-1-gabd' }],
    ['damage', { truncation: 'the dictionary is cut' }],
  ])('of Klipper with %s is refused', (_what, change) => {
    expect(outcome('klipper', change)).toBe('build/image-mismatch');
  });

  it('of Katapult that starts another address, or none, is refused', () => {
    expect(outcome('katapult', { launchAddress: 0x08004000 })).toBe('build/image-mismatch');
    expect(outcome('katapult', { launchAddress: null })).toBe('build/image-mismatch');
  });

  it('of a changed tree may have any version', () => {
    expect(outcome('klipper', { version: 'v1-0-gabc-dirty-20261121_010203-host' }, null)).toBe('no error');
  });
});
