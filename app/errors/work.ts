import type { ErrorRows } from './error-row.ts';

/** Jobs and flows. */
export const workErrors = {
  'job/unknown': {
    title: 'This work is not known any more',
    next: {
      window: 'The station was started anew since, or it was too long ago. The history has what was written.',
    },
    exit: 'failed',
  },
  'job/interrupted': {
    title: 'Canopus or the computer stopped in the middle of it',
    next: {
      window:
        'Plug the board into the same port again and flash it anew: the work begins with what the board is in then.',
    },
    exit: 'failed',
  },
  'flow/interrupted': {
    title: 'The work was interrupted',
    next: { window: 'Go on: the station looks how far it came and repeats what is missing.' },
    exit: 'failed',
  },
  'flow/unknown': {
    title: 'This flow is not known any more',
    next: { window: 'It was removed in another window. Start anew from the bench.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
