import type { PortPath } from './usb-device.ts';

// One instance for all: creating one for every comparison takes longer than the rest of an event with 64 boards.
const collator = new Intl.Collator('en', { numeric: true });

/** The order of ports as people count them: 1-2 before 1-10. */
export function comparePorts(a: PortPath, b: PortPath): number {
  return collator.compare(a, b);
}
