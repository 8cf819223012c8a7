import type { Board } from '../../../app/boards/board.ts';
import type { BoardMode } from '../../../app/boards/board-mode.ts';
import type { StationOutput } from '../../../app/contract/station-contract.ts';

export type AccessCode = Extract<Board['access'], { ok: false }>['code'];

interface Fix {
  readonly text: string;
  /** A command for a terminal; null if it is done by hand. */
  readonly command: string | null;
}

/** The checks of this computer that can explain why a board cannot be opened, likeliest first. */
const checksFor: Readonly<Record<AccessCode, readonly string[]>> = {
  'link/access': ['udev-rules'],
  'link/busy': ['udev-rules', 'modem-manager'],
  'link/no-driver': [],
  'link/io': ['usb'],
};
/** On Windows each mode is a different device with its own driver. */
const driverChecks: Readonly<Record<BoardMode, readonly string[]>> = {
  dfu: ['winusb'],
  bootsel: ['winusb-bootsel'],
  'can-bridge': ['winusb-bridge'],
  katapult: [],
  'klipper-serial': [],
  unknown: [],
};

/** The fix that the check of the computer suggests; null if it has none. */
export function fixOf(checks: StationOutput<'doctor.run'>, code: AccessCode, mode: BoardMode): Fix | null {
  const ids = code === 'link/no-driver' ? driverChecks[mode] : checksFor[code];
  const known = ids.flatMap((wanted) => checks.find(({ id }) => id === wanted)?.fix ?? []);
  return known[0] ?? null;
}
