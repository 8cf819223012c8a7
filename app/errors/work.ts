import type { ErrorRows } from './error-row.ts';

/** Jobs and flows. */
export const workErrors = {
  'job/unknown': {
    title: 'This work is no longer known',
    next: {
      window:
        'The station has restarted since, or the work was too long ago. The history shows what was written.',
      terminal:
        'The station has restarted since, or the work was too long ago. "canopus history" shows what was written.',
    },
    exit: 'failed',
  },
  'job/interrupted': {
    title: 'Canopus or the computer stopped during the work',
    next: {
      window:
        'Plug the board into the same port and flash it again: the work starts from what it holds then.',
    },
    exit: 'failed',
  },
  'flow/interrupted': {
    title: 'The work was interrupted',
    next: {
      window: 'Choose "Try again": the station checks how far the work got and repeats what is missing.',
      terminal: 'Flash the board again: the work starts from what it holds now.',
    },
    exit: 'failed',
  },
  'flow/unknown': {
    title: 'This flow is no longer known',
    next: { window: 'It was removed in another window. Start again from the bench.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
