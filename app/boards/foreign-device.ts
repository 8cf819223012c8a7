import { hex16 } from '../hex.ts';
import { boardMode, type UsbIdentity } from './board-mode.ts';
import { foreignIds, type UsbIds } from './foreign-ids.ts';

/** Devices that a person may mistake for a board in DFU, or plug in for one, but that Canopus does not flash. */
export const foreignKinds = [
  'gd32-dfu',
  'at32-dfu',
  'apm32-dfu',
  'maple-boot',
  'other-dfu',
  'can-adapter',
] as const;
export type ForeignKind = (typeof foreignKinds)[number];

const kindsById = new Map<string, ForeignKind>(
  Object.entries(foreignIds).map(([kind, ids]) => [idText(ids), kind as keyof typeof foreignIds]),
);

/**
 * USB DFU 1.1, table 4.4: application specific, device firmware upgrade, DFU mode (01 is run-time mode, which only
 * could enter it).
 */
const dfuMode = 'fe/01/02';

/** The kind of a foreign device; null for boards, and for unrelated devices. */
export function foreignKind(device: UsbIdentity): ForeignKind | null {
  if (boardMode(device) !== 'unknown') return null;
  const known = kindsById.get(idText([device.vendorId, device.productId]));
  if (known !== undefined) return known;
  return device.interfaces?.includes(dfuMode) === true ? 'other-dfu' : null;
}

function idText([vendorId, productId]: UsbIds): string {
  return `${hex16(vendorId)}:${hex16(productId)}`;
}

interface ForeignWords {
  /** A short name. */
  readonly title: string;
  /** What it is, why it is not flashed here, what to do. */
  readonly text: string;
}

/** Texts for people, wherever the device is shown. */
export const foreignWords: Readonly<Record<ForeignKind, ForeignWords>> = {
  'gd32-dfu': {
    title: 'GD32 in DFU',
    text: "This chip is a GD32, a clone of the STM32 with another boot ROM. Canopus does not flash it: follow the board maker's instructions.",
  },
  'at32-dfu': {
    title: 'AT32 in DFU',
    text: "This chip is an AT32, a clone of the STM32 with another boot ROM. Canopus does not flash it: follow the board maker's instructions.",
  },
  'apm32-dfu': {
    title: 'APM32 in DFU',
    text: "This chip is an APM32, a clone of the STM32 with another boot ROM. Canopus does not flash it: follow the board maker's instructions.",
  },
  'maple-boot': {
    title: 'Maple bootloader',
    text: 'This board runs the Maple bootloader, as boards with an STM32F103 do. It is not an STM32F4 in DFU: Canopus does not flash it.',
  },
  'other-dfu': {
    title: 'Another DFU device',
    text: 'This device is in DFU, but not in that of an STM32 (0483:df11): Canopus leaves it alone. Unplug it if you are waiting for another board.',
  },
  'can-adapter': {
    title: 'USB to CAN adapter',
    text: 'This is a USB-to-CAN adapter, not a board that runs Klipper: Canopus leaves it alone.',
  },
};
