import type { ErrorRows } from './error-row.ts';

/** What was done to which board. */
export const historyErrors = {
  'history/unwritable': {
    title: 'The history cannot be written',
    next: {
      window:
        'Free some space on the disk and see that its folder may be written to, then start Canopus again.',
    },
    exit: 'failed',
  },
  'history/damaged': {
    title: 'The history file is damaged',
    next: {
      window: 'Move the file that is named to a safe place and start Canopus again: it begins a new one.',
    },
    exit: 'failed',
  },
  'history/newer': {
    title: 'The history was written by a newer Canopus',
    next: {
      window:
        'Use the newer version on this computer, or keep a data folder of its own for this one (--data).',
    },
    exit: 'failed',
  },
  'history/unknown-run': {
    title: 'There is no such run in the history',
    next: { window: 'Look it up again: "canopus history" lists them.' },
    exit: 'usage',
  },
  'history/unknown-board': {
    title: 'The history knows nothing of this board',
    next: {
      window: 'Check the UID or UUID. Boards that another computer flashed are in the history of that one.',
    },
    exit: 'usage',
  },
} satisfies ErrorRows;
