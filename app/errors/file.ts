import type { ErrorRows } from './error-row.ts';

/** Files of this computer. */
export const fileErrors = {
  'file/missing': {
    title: 'A file is missing',
    next: { window: 'Check the path.' },
    exit: 'usage',
  },
  'file/unreadable': {
    title: 'A file cannot be read',
    next: { window: 'Check the path and its permissions.' },
    exit: 'usage',
  },
  'file/unwritable': {
    title: 'A file cannot be written',
    next: { window: 'Check the free space and the permissions of the folder.' },
    exit: 'failed',
  },
  'file/disk-full': {
    title: 'The disk is full',
    next: {
      window:
        'Free some space, then try again. "Forget" on the Firmware page removes images that you no longer need.',
      terminal: 'Free some space, then try again. "canopus cache prune" removes unused images.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
