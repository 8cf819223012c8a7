import type { ErrorRows } from './error-row.ts';

/** Between a window and the station. */
export const contractErrors = {
  'contract/disconnected': {
    title: 'The connection to the station was lost',
    next: {
      window:
        'It is made again by itself. Work that was running goes on; look at the bench before you repeat a step.',
    },
    exit: 'failed',
  },
  'contract/invalid-answer': {
    title: 'The station answered something this window does not understand',
    next: { window: 'Reload the window, so that it is of the same version as the station.' },
    exit: 'failed',
  },
  'contract/invalid-input': {
    title: 'The station refused what it was asked',
    next: { window: 'Check the marked fields; if nothing is marked, reload the window.' },
    exit: 'failed',
  },
  'contract/protocol': {
    title: 'The window and the station do not understand each other',
    next: { window: 'Reload the window, so that it is of the same version as the station.' },
    exit: 'failed',
  },
  'contract/too-large': {
    title: 'This is too large to hand over',
    next: { window: 'A firmware image has at most 2 MiB; choose the right file.' },
    exit: 'failed',
  },
  'contract/too-many': {
    title: 'Too much was asked at once',
    next: { window: 'Wait a moment, then repeat the step.' },
    exit: 'failed',
  },
  'contract/unknown-name': {
    title: 'The station does not know this request',
    next: { window: 'Reload the window, so that it is of the same version as the station.' },
    exit: 'failed',
  },
  'host/port-in-use': {
    title: 'The address is taken',
    next: {
      window:
        'Another station may be running already; use its window, or say another port with --listen 127.0.0.1:PORT.',
    },
    exit: 'failed',
  },
  'host/work-running': {
    title: 'Work is still running',
    next: { window: 'Wait until it has ended, or cancel it on the bench, then try again.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
