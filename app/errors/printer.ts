import type { ErrorRows } from './error-row.ts';

/** The update of a whole printer. */
export const printerErrors = {
  'printer/update-stopped': {
    title: 'The update stopped at one MCU',
    next: {
      window: 'Check the cable and power of that MCU. Then resume the update, or roll it back.',
      terminal:
        'Check the cable and power of that MCU. Then "canopus printer update --resume" continues, and "canopus printer rollback" goes back.',
    },
    exit: 'failed',
  },
  'printer/version-differs': {
    title: 'An MCU does not run what was written',
    next: {
      window: 'Start Klipper on the Pi again and prove again. If it stays so, update that MCU again.',
      terminal:
        'Start Klipper on the Pi again, then "canopus printer prove". If it stays so, "canopus printer update" writes it again.',
    },
    exit: 'failed',
  },
  'printer/hot': {
    title: 'The printer may be hot',
    next: {
      window:
        'Switch the heaters off and wait until the hot end is cold. Then try again. Its Moonraker must run: only it says how hot the printer is.',
    },
    exit: 'refused',
  },
  'printer/board-unknown': {
    title: 'It is unknown which board an MCU is',
    next: {
      window: 'Choose the board of that MCU, then make a plan again.',
      terminal: 'Name the board of that MCU with --board NAME=PRESET:VARIANT.',
    },
    exit: 'refused',
  },
  'printer/unfinished': {
    title: 'An earlier update is unfinished',
    next: {
      window: 'Resume that update, or roll it back. Then make a plan again.',
      terminal:
        'Finish it with "canopus printer update --resume", or go back with "canopus printer rollback".',
    },
    exit: 'refused',
  },
  'printer/no-update': {
    title: 'This printer was not updated from here',
    next: { window: 'Update the printer first.' },
    exit: 'refused',
  },
  'printer/bad-journal': {
    title: 'The journal of the update cannot be read',
    next: { window: 'Use the version of Canopus that began the update to finish it.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
