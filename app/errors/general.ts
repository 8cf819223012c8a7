import type { ErrorRows } from './error-row.ts';

/** Failures that belong to no area. */
export const generalErrors = {
  'usage/invalid': {
    title: 'This input is not valid',
    next: { window: 'Correct the value that the message names.', terminal: 'See "canopus --help".' },
    cases: [
      {
        when: { webHost: true },
        window: 'Enter {webHost} alone, or with the user name in front: pi@{webHost}.',
        terminal: 'Give {webHost} alone, or with the user name in front: pi@{webHost}.',
      },
    ],
    exit: 'usage',
  },
  cancelled: {
    title: 'Cancelled',
    next: { window: 'Start again when you are ready.' },
    exit: 'cancelled',
  },
  internal: {
    title: 'An unexpected error',
    next: {
      window: 'Try again. If it happens again, report it with the log; Settings shows where it is.',
      terminal: 'Try again. If it happens again, report it with the log.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
