import type { ErrorRows } from './error-row.ts';

/** Failures of no area. */
export const generalErrors = {
  'usage/invalid': {
    title: 'The command is not complete or not right',
    next: { window: 'See "canopus --help".' },
    exit: 'usage',
  },
  cancelled: {
    title: 'Cancelled',
    next: { window: 'Start the step again when ready.' },
    exit: 'cancelled',
  },
  internal: {
    title: 'An unexpected error',
    next: { window: 'Repeat the step; if it stays, report it together with the log.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
