import type { ErrorRows } from './error-row.ts';

/** Commands on this computer, in WSL or on a Pi. */
export const shellErrors = {
  'shell/timeout': {
    title: 'A command took too long',
    next: {
      window: 'The end of the log shows where it stopped. Try again; a slow computer may need longer.',
    },
    exit: 'failed',
  },
  'shell/lost': {
    title: 'The connection to the machine broke',
    next: { window: 'Check that the computer is on and can be reached, then try again.' },
    cases: [{ when: { said: true }, window: 'The computer ended it and said why: {said}. Then try again.' }],
    exit: 'device',
  },
  'shell/closed': {
    title: 'The connection was closed',
    next: { window: 'Try again.' },
    exit: 'failed',
  },
  'shell/not-started': {
    title: 'The machine cannot start a program',
    next: { window: 'It may be out of memory. Close other programs on it or restart it, then try again.' },
    exit: 'failed',
  },
  'shell/output-too-long': {
    title: 'A command printed far more than it should',
    next: {
      window: 'Something on that machine prints without end. Look at its disk and its log, then try again.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
