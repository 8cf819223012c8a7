import type { ErrorRows } from './error-row.ts';

/** What flash held before it was written: kept, and put back. */
export const backupErrors = {
  'backup/unknown': {
    title: 'There is no such backup',
    next: {
      window: 'Take one of the backups that the History shows for this board.',
      terminal: 'Take one of those that "canopus backups" lists, or give a file.',
    },
    exit: 'usage',
  },
  'backup/damaged': {
    title: 'The backup is damaged',
    next: {
      window:
        'Nothing was written. Take another backup of this board, or put Katapult and Klipper on it anew.',
    },
    exit: 'refused',
  },
  'backup/wrong-size': {
    title: 'The backup is of another chip',
    next: { window: 'Nothing was written. Take a backup of this very board: its flash has another size.' },
    exit: 'refused',
  },
  'backup/wrong-chip': {
    title: 'The backup is of another chip',
    next: {
      window: 'Nothing was written. Plug in the board that the backup is of, or take a backup of this one.',
    },
    exit: 'refused',
  },
  'backup/not-confirmed': {
    title: 'Nobody has confirmed that this is the board of the backup',
    next: {
      window: 'Nothing was written. Read the UID or canbus_uuid off the label of the board and type it in.',
      terminal:
        'Nothing was written. Read the UID or canbus_uuid off the label of the board and give it with --confirm-board.',
    },
    cases: [
      {
        detail: 'confirmBy',
        is: 'name',
        window: 'Nothing was written. If you are sure that this is the board, type "{backup}".',
        terminal:
          'Nothing was written. If you are sure that this is the board, add --confirm-board {backup}.',
      },
    ],
    exit: 'refused',
  },
} satisfies ErrorRows;
