import type { ErrorRows } from './error-row.ts';

/** What flash held before it was written: kept, and put back. */
export const backupErrors = {
  'backup/unknown': {
    title: 'There is no such backup',
    next: {
      window: 'Choose one of the backups that the history shows for this board.',
      terminal: '"canopus backups" lists the backups. You can also give a file.',
    },
    exit: 'usage',
  },
  'backup/damaged': {
    title: 'The backup is damaged',
    next: {
      window: 'Choose another backup of this board, or write Katapult and Klipper to it again.',
    },
    exit: 'refused',
  },
  'backup/wrong-size': {
    title: 'The backup is of another chip',
    next: { window: 'Choose a backup of this very board: its flash has another size.' },
    exit: 'refused',
  },
  'backup/wrong-chip': {
    title: 'The backup is of another chip',
    next: {
      window: 'Plug in the board that the backup is of, or choose a backup of this one.',
    },
    exit: 'refused',
  },
  'backup/not-confirmed': {
    title: 'It is not confirmed that the backup is of this board',
    next: {
      window: 'Read the UID or the canbus_uuid off the label of the board and enter it.',
      terminal:
        'Read the UID or the canbus_uuid off the label of the board and give it with --confirm-board.',
    },
    cases: [
      {
        when: { confirmBy: 'name', backup: true },
        window: 'If you are sure that this is the board, enter {backup}.',
        terminal: 'If you are sure that this is the board, add --confirm-board {backup}.',
      },
    ],
    exit: 'refused',
  },
} satisfies ErrorRows;
