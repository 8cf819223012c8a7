import type { JobView } from '../../app/contract/station-contract.ts';

type SightName = NonNullable<JobView['sight']>['sight'];

const otherCrystal = (builtForHz: number | null): string =>
  builtForHz === null
    ? 'another crystal than the firmware was built for'
    : `another crystal than the ${builtForHz / 1e6} MHz that the firmware was built for`;

/** What is seen of a board that was started and is waited for. */
export const sightTexts = {
  'left-usb': () => 'The board went off USB: the power is off, or it was reset.',
  'dfu-again': () => 'The board is in DFU again: its BOOT0 jumper is still on.',
  unreadable: (builtForHz) =>
    `Something is on the port and cannot be read: a bad cable, or ${otherCrystal(builtForHz)}.`,
  silent: (builtForHz) =>
    `Nothing shows on the port. Check the power, the USB cable (some carry no data) and BOOT0 (off), then press reset once. If all that is right, the board has ${otherCrystal(builtForHz)}.`,
  'no-serial-port': () => 'The board is there, but its serial port is not. Doctor says what is missing.',
} satisfies Record<SightName, (builtForHz: number | null) => string>;
