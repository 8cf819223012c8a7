import type { ErrorRows } from './error-row.ts';

/** The history of runs. */
export const historyErrors = {
  'history/unwritable': {
    title: 'The history cannot be written',
    next: {
      window:
        'Free some space on the disk and make sure that its folder can be written to. Then start Canopus again.',
    },
    exit: 'failed',
  },
  'history/damaged': {
    title: 'The history file is damaged',
    next: {
      window: 'Move the named file to a safe place and start Canopus again: it begins a new history.',
    },
    exit: 'failed',
  },
  'history/newer': {
    title: 'The history was written by a newer Canopus',
    next: {
      window: 'Use the newer version of Canopus on this computer.',
      terminal:
        'Use the newer version of Canopus on this computer, or give this one its own data folder (--data FOLDER).',
    },
    exit: 'failed',
  },
  'history/unknown-run': {
    title: 'There is no such run in the history',
    next: {
      window: 'Look for it in the history without filters.',
      terminal: '"canopus history" lists the runs.',
    },
    exit: 'usage',
  },
  'history/unknown-board': {
    title: 'The history does not have this board',
    next: {
      window:
        'Check the UID or the canbus_uuid. A board that was flashed on another computer is in the history of that computer.',
    },
    exit: 'usage',
  },
} satisfies ErrorRows;
