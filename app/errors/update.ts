import type { ErrorRows } from './error-row.ts';

/** Newer versions of Canopus itself. Whatever is wrong, the installed version stays. */
export const updateErrors = {
  'update/unreachable': {
    title: 'The server with newer versions cannot be reached',
    next: { window: 'Check the network. Canopus asks again tomorrow, or when you press "Check now".' },
    exit: 'failed',
  },
  'update/not-genuine': {
    title: 'The newer version is not signed by the makers of this one',
    next: {
      window:
        'Nothing was installed. If this stays so, get Canopus from where you got it, and compare its checksum.',
    },
    exit: 'refused',
  },
  'update/stale': {
    title: 'The server shows an old list of versions',
    next: {
      window:
        "Nothing was installed. Check this computer's date; if it is right, the server is out of date or someone replays an old list.",
    },
    exit: 'refused',
  },
  'update/damaged': {
    title: 'The download is not what was announced',
    next: { window: 'Nothing was installed. Try again later.' },
    exit: 'refused',
  },
  'update/not-for-this': {
    title: 'The newer version has no package for this computer',
    next: { window: 'Nothing was installed. Look for a package where you got Canopus.' },
    exit: 'refused',
  },
} as const satisfies ErrorRows;
