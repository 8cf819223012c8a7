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
  'reach/root-refused': {
    title: 'Root was needed on the Pi and not allowed',
    next: {
      window: 'Start again and allow it, or give the user on the Pi the right to open the device.',
      terminal: 'Start again and agree, or with --allow-root.',
    },
    exit: 'refused',
  },
  'reach/klipper-not-stopped': {
    title: 'Klipper on the Pi could not be stopped',
    next: { window: 'Stop the Klipper that uses this board on the Pi yourself, then start again.' },
    exit: 'refused',
  },
} satisfies ErrorRows;
