import { flashStartOf } from '../mcu/mcu.ts';
import { CanopusError } from '../errors.ts';
import type { ImageInfo } from '../image/image-info.ts';
import type { KconfigValues } from './kconfig.ts';
import { kconfigHex } from './kconfig.ts';
import { applicationAddress } from './recipe.ts';
import type { FirmwareTarget, Recipe } from './recipe.ts';

/** What a freshly built image must state about itself. */
interface BuiltImageClaim {
  readonly target: FirmwareTarget;
  readonly recipe: Recipe;
  readonly resolved: KconfigValues;
  /** The output of `git describe` for a clean source tree; null if the version holds the time of the build. */
  readonly version: string | null;
}

type Row = [what: string, wanted: string, got: string | null, optional?: 'optional'];

/**
 * Throws `build/image-mismatch` if an image contradicts what it was built for. What an image does not state (null) is
 * no contradiction, except for what every image of its kind states: MCU, address, and for Klipper what it is on the bus
 * and on which pins.
 */
export function checkBuiltImage(info: ImageInfo, claim: BuiltImageClaim): void {
  const { target, recipe } = claim;
  const address = applicationAddress(recipe);
  const bitrate: Row = [
    'CAN bit rate',
    String(recipe.bitrateBps),
    textOrNull(info.can?.bitrateBps ?? null),
    'optional',
  ];
  const rows: Row[] = [
    ['kind', target, info.kind],
    ['damage', 'none', info.truncation ?? 'none'],
    ['mcu', recipe.mcu, info.mcu],
    [
      'address',
      kconfigHex(target === 'katapult' ? flashStartOf(recipe.mcu) : address),
      hexOrNull(info.applicationAddress),
    ],
    ['clock', claim.resolved.get('CLOCK_FREQ') ?? '', textOrNull(info.clockHz), 'optional'],
    ['crystal', String(recipe.crystalHz), textOrNull(info.crystalHz), 'optional'],
  ];
  if (target === 'katapult') {
    rows.push(['application', kconfigHex(address), hexOrNull(info.launchAddress)]);
    rows.push(['USB', recipe.role === 'node' ? 'no' : 'yes', info.usb === true ? 'yes' : 'no']);
    if (recipe.role === 'node') rows.push(bitrate);
  } else if (recipe.role === 'usb') {
    rows.push(['USB', 'yes', info.usb === true ? 'yes' : 'no'], ['CAN', 'none', info.can?.role ?? null]);
  } else {
    const pins = recipe.canPins?.join('/') ?? '';
    rows.push(['CAN', recipe.role, info.can?.role ?? null]);
    rows.push(['CAN pins', pins, info.can?.pins?.join('/') ?? null], bitrate);
  }
  if (claim.version !== null) rows.push(['version', claim.version, info.version, 'optional']);
  const wrong = rows.filter(([, wanted, got, optional]) => got !== wanted && !(got === null && optional));
  if (wrong.length === 0) return;
  const lines = wrong.map(
    ([what, wanted, got]) => `${what}: wanted ${wanted}, the image says ${got ?? 'nothing'}`,
  );
  throw new CanopusError(
    'build/image-mismatch',
    `the built ${target} image is not what was asked for\n${lines.join('\n')}`,
    {
      target,
      differences: lines,
    },
  );
}

function hexOrNull(value: number | null): string | null {
  return value === null ? null : kconfigHex(value);
}

function textOrNull(value: number | null): string | null {
  return value === null ? null : String(value);
}
