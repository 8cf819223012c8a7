import type { ErrorRows } from './error-row.ts';

/** Devices of a Pi, through the program that runs there. */
export const reachErrors = {
  'reach/no-python': {
    title: 'The Pi has no usable Python',
    next: {
      window: 'Install Python 3.7 or newer on the Pi, then try again.',
    },
    exit: 'failed',
  },
  'reach/agent-ended': {
    title: 'The program on the Pi has ended',
    next: { window: 'Check that the Pi is not out of memory, then try again.' },
    exit: 'device',
  },
} satisfies ErrorRows;
