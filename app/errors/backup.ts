import type { ErrorRows } from './error-row.ts';

/** Backups of flash, and restoring them. */
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
    next: { window: 'Choose a backup of this board: its flash has another size.' },
    exit: 'refused',
  },
  'backup/wrong-chip': {
    title: 'The backup is of another chip',
    next: {
      window: 'Plug in the board that the backup was made from, or choose a backup of this one.',
    },
    exit: 'refused',
  },
  'backup/not-confirmed': {
    title: 'Nothing confirms yet that the backup is of this board',
    next: {
      window: 'Enter the UID or the canbus_uuid from the label of the board.',
      terminal: 'Give the UID or the canbus_uuid from the label of the board with --confirm-board.',
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
