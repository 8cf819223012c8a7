import type { ErrorRows } from './error-row.ts';

/** Between a window and the station. */
export const contractErrors = {
  'contract/disconnected': {
    title: 'The connection to the station was lost',
    next: {
      window:
        'Canopus reconnects automatically. Work that was running goes on: look at the bench before you repeat anything.',
      terminal: 'Work that was running goes on. Look at the boards before you repeat the command.',
    },
    exit: 'failed',
  },
  'contract/invalid-answer': {
    title: 'The window does not understand the station',
    next: {
      window: 'Reload the window so that it matches the station.',
      terminal: 'Start the station again, with the same version as this command.',
    },
    exit: 'failed',
  },
  'contract/invalid-input': {
    title: 'The station refused this',
    next: {
      window: 'Check the marked fields. If none is marked, reload the window.',
      terminal: 'Check the options of the command: --help lists them.',
    },
    exit: 'failed',
  },
  'contract/protocol': {
    title: 'The window and the station do not understand each other',
    next: {
      window: 'Reload the window so that it matches the station.',
      terminal: 'Start the station again, with the same version as this command.',
    },
    exit: 'failed',
  },
  'contract/too-large': {
    title: 'This is too large to send',
    next: { window: 'A firmware image has at most 2 MiB. Choose the right file.' },
    exit: 'failed',
  },
  'contract/too-many': {
    title: 'Too many requests at once',
    next: { window: 'Wait a moment, then try again.' },
    exit: 'failed',
  },
  'contract/unknown-name': {
    title: 'The station does not know this request',
    next: {
      window: 'Reload the window so that it matches the station.',
      terminal: 'Start the station again, with the same version as this command.',
    },
    exit: 'failed',
  },
  'host/port-in-use': {
    title: 'The address is in use',
    next: {
      window: 'Canopus may be running already: use that window.',
      terminal:
        'Canopus may be running already: use its window. Or choose another port: --listen 127.0.0.1:PORT.',
    },
    exit: 'failed',
  },
  'host/local-socket': {
    title: 'Commands cannot reach this station',
    next: {
      window: 'Commands on this computer wait until this window is closed. The log says what is in the way.',
      terminal:
        'Commands on this computer wait until this station has ended. The log says what is in the way.',
    },
    exit: 'failed',
  },
  'host/other-version': {
    title: 'The station is another version',
    next: {
      window: 'Close the other Canopus, then start this one again.',
      terminal: 'End the station, or use the command of its version.',
    },
    exit: 'refused',
  },
  'host/station-lost': {
    title: 'The station ended',
    next: {
      window: 'Start Canopus again and look at the bench before you repeat anything.',
      terminal: 'Look at the boards ("canopus boards"), then repeat the command: it opens its own station.',
    },
    exit: 'failed',
  },
  'host/station-running': {
    title: 'Another Canopus works with this data folder',
    next: {
      window: 'Use the other one, or close it first.',
      terminal: 'Wait until it has ended, or choose another folder: --data FOLDER.',
    },
    exit: 'refused',
  },
  'host/work-running': {
    title: 'Work is still running',
    next: { window: 'Wait until it has finished, or cancel it on the bench. Then try again.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
