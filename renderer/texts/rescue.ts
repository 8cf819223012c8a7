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
    `Nothing shows on the port. Check the power, the USB cable (some carry no data) and BOOT0 (off), then press reset once. If all that is right, the board may have ${otherCrystal(builtForHz)}.`,
  'no-serial-port': () => 'The board is there, but its serial port is not. Doctor says what is missing.',
} satisfies Record<SightName, (builtForHz: number | null) => string>;

type SearchStage = NonNullable<JobView['search']>['stage'];

const mhz = (crystalHz: number): string => `${crystalHz / 1e6} MHz`;

/** The search for the crystal of a board that stays silent. */
export const rescueTexts = {
  offerTitle: 'The board may have another crystal',
  offerText: (crystalsHz: readonly number[]) =>
    `Firmware that was built for another crystal never shows on USB. Canopus can find out which one this board has: it writes a small bootloader for ${crystalsHz.map(mhz).join(', ')} in turn, and you press reset in between. What is found is used for the rest, and remembered.`,
  begin: 'Find the crystal',
  crystal: 'Crystal',
  foundCrystal: (crystalHz: number) => `${mhz(crystalHz)}, found on this board`,
  stages: {
    try: (crystalHz) => `Trying a crystal of ${mhz(crystalHz)}`,
    silent: (crystalHz) => `Not ${mhz(crystalHz)}`,
    found: (crystalHz) => `Found: the board has a crystal of ${mhz(crystalHz)}`,
    build: (crystalHz) => `Building firmware for ${mhz(crystalHz)}`,
  } satisfies Record<SearchStage, (crystalHz: number) => string>,
};
