import { secondNodeText } from './second-node.ts';
import type { Surface } from './error-row.ts';

interface StateWords {
  /** The state, in one or two sentences that a person can act on. */
  readonly window: string;
  /** Names commands; left out if `window` does as well. */
  readonly terminal?: string;
}

interface BoardStateWords extends StateWords {
  /** The same in a few words, for tables. */
  readonly title: string;
}

/**
 * What work leaves behind on the board, whether it failed or not. A closed list, so that every message can
 * say how to continue.
 */
export const boardStateTable = {
  /** Nothing was erased or written by this run. */
  untouched: {
    title: 'unchanged',
    window: 'Nothing was erased or written: the flash of the board is unchanged.',
  },
  /** Flash is partly erased or written; the ROM bootloader is always intact. */
  'dfu-partial': {
    title: 'partly erased or written, in DFU',
    window:
      'The flash is partly erased or written. The ROM bootloader cannot be damaged: with the BOOT0 jumper on, the board comes back in DFU and the step can be repeated.',
  },
  /** Everything was written and read back, but the board was not started or did not come back. */
  'dfu-written': {
    title: 'Katapult written, not seen starting',
    window:
      'Katapult is written and every byte was read back, but the board was not seen starting. With the BOOT0 jumper off, a power cycle starts it.',
  },
  /** Flash is partly erased or written; the boot ROM finds nothing to start and stays. */
  'bootsel-partial': {
    title: 'partly erased or written, in BOOTSEL',
    window:
      'The flash is partly erased or written. The boot ROM cannot be damaged: plugged in, the board comes back in BOOTSEL, if need be with its BOOT button held, and the step can be repeated.',
  },
  /** Everything was written and read back, but the board was not started or did not come back. */
  'bootsel-written': {
    title: 'Katapult written, not seen starting',
    window:
      'Katapult is written and every byte was read back, but the board was not seen starting. A power cycle without the BOOT button starts it.',
  },
  /** Katapult is intact, the application is partly erased or written. */
  'katapult-partial': {
    title: 'application partly erased or written, in Katapult',
    window:
      'Katapult is intact, the application is partly erased or written. The board stays in Katapult, or comes back there with a double tap of reset, and the step can be repeated.',
  },
  /** The application was written and read back, but was not started or did not come back. */
  'katapult-verified': {
    title: 'application written, not seen starting',
    window:
      'The application is written and every byte was read back, but the board was not seen starting. A press of reset starts it.',
  },
  /** Katapult was written and read back, and was seen on USB; no application was begun. */
  'running-katapult': {
    title: 'Katapult runs',
    window:
      'Katapult is written, every byte was read back, and it was seen running. The application is still to be written.',
  },
  /** The application was written and read back, and was seen on USB as a serial device. */
  'running-klipper': {
    title: 'Klipper runs on USB serial',
    window:
      'Klipper is written, every byte was read back, and it runs: it was seen on USB as a serial device.',
  },
  /** The application was written and read back, and was seen on USB as a USB-to-CAN bridge. */
  'running-bridge': {
    title: 'bridge runs',
    window: `Klipper is written, every byte was read back, and it runs: it was seen on USB as a USB-to-CAN bridge. ${secondNodeText}`,
  },
  /** The application was written and read back, and replied to a query on its CAN bus. */
  'running-node': {
    title: 'node runs',
    window: 'Klipper is written, every byte was read back, and it runs: it replied on its CAN bus.',
  },
  /** All of flash matches a backup and was read back, but the board was not seen starting. */
  restored: {
    title: 'restored from a backup, not seen starting',
    window:
      'All of flash matches the backup, and every byte was read back. With the BOOT0 jumper off, a power cycle starts it.',
  },
  /** The board disappeared, and nothing is known about what it holds. */
  unknown: {
    title: 'not known',
    window: 'What the board holds is not known. DFU (BOOT0 jumper and reset) always works.',
  },
} satisfies Readonly<Record<string, BoardStateWords>>;

/**
 * What a failure leaves behind on a Pi. In every case each of its files is the old one or the new one, whole.
 */
export const piStateTable = {
  /** Nothing was changed by this run. */
  'pi-untouched': { window: 'Nothing was changed on the Pi.' },
  /** Some steps are done; the journal on the Pi holds what is needed to finish or undo them. */
  'pi-partial': {
    window:
      'Some of the changes are made. Each file on the Pi is either the old or the new one, with its backup beside it. You can finish the change or undo it.',
    terminal:
      'Some of the changes are made. Each file on the Pi is either the old or the new one, with its backup beside it: "canopus pi apply --resume" finishes the change, "canopus pi undo" undoes it.',
  },
  /** Every step is done, but it was not seen working. */
  'pi-applied': { window: 'All changes are made on the Pi, but they were not seen working.' },
  /** Everything is back to the state before the change. */
  'pi-undone': { window: 'The Pi is back to its state before the change.' },
  /**
   * The connection broke in the middle of a step; the journal shows which once there is a connection again.
   */
  'pi-unknown': {
    window:
      'The connection broke in the middle of a step. Each file on the Pi is either the old or the new one. Connect again to see where it stands; you can then finish the change or undo it.',
    terminal:
      'The connection broke in the middle of a step. Each file on the Pi is either the old or the new one. "canopus pi facts" shows where it stands; "canopus pi apply --resume" finishes the change, "canopus pi undo" undoes it.',
  },
} satisfies Readonly<Record<string, StateWords>>;

/** Of a board or of a Pi, depending on the work. */
const leftStateTable: Readonly<Record<keyof typeof boardStateTable | keyof typeof piStateTable, StateWords>> =
  { ...boardStateTable, ...piStateTable };

/** The text of a left state, for the place where it is read. */
export function stateText(state: keyof typeof leftStateTable, surface: Surface): string {
  const { window, terminal } = leftStateTable[state];
  return surface === 'terminal' ? (terminal ?? window) : window;
}
