import type { ErrorRows } from './error-row.ts';

/** Commands on this computer, in WSL or on a Pi. */
export const shellErrors = {
  'shell/timeout': {
    title: 'A command took too long',
    next: {
      window: 'See the end of its log for where it stood still; a slow machine may need a longer time-out.',
    },
    exit: 'failed',
  },
  'shell/lost': {
    title: 'The connection to the machine broke',
    next: { window: 'Check that it is on and reachable, then repeat the step.' },
    exit: 'device',
  },
  'shell/closed': {
    title: 'The connection was closed',
    next: { window: 'Start again.' },
    exit: 'failed',
  },
  'shell/not-started': {
    title: 'The machine cannot start a program',
    next: { window: 'It may be out of memory or processes; close other programs or restart it.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
