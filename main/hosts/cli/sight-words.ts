import type { SearchProgress } from '../../jobs/search-crystal.ts';
import type { Sight } from '../../../app/rescue/sight.ts';

const otherCrystal = (builtForHz: number | null): string =>
  builtForHz === null
    ? 'another crystal than the firmware was built for'
    : `another crystal than the ${builtForHz / 1e6} MHz that the firmware was built for`;

/** What a port shows of a board that was started, for a terminal. */
export const sightWords = {
  'left-usb': (port) => `The board on port ${port} went off USB: the power is off, or it was reset.`,
  'dfu-again': (port) => `The board on port ${port} is in DFU again: its BOOT0 jumper is still on.`,
  unreadable: (port, hz) =>
    `Something is on port ${port} and cannot be read: a bad cable, or ${otherCrystal(hz)}.`,
  silent: (port, hz) =>
    `Nothing shows on port ${port}. Check the power, the USB cable (some carry no data) and BOOT0 (off), then press ` +
    `reset once. If all that is right, the board may have ${otherCrystal(hz)}.`,
  'no-serial-port': (port) =>
    `The board on port ${port} is there, but its serial port is not. "canopus doctor" says what is missing.`,
} as const satisfies Record<Sight, (port: string, builtForHz: number | null) => string>;

const mhz = (crystalHz: number): string => `${crystalHz / 1e6} MHz`;

/** How far the search for a crystal is, for a terminal. */
export const searchWords = {
  try: (crystalHz) => `Trying a crystal of ${mhz(crystalHz)}`,
  silent: (crystalHz) => `Not ${mhz(crystalHz)}: the board stayed silent`,
  found: (crystalHz) => `Found: the board has a crystal of ${mhz(crystalHz)}`,
  build: (crystalHz) => `Building firmware for ${mhz(crystalHz)}`,
} as const satisfies Record<SearchProgress['stage'], (crystalHz: number) => string>;
