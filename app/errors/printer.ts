import type { ErrorRows } from './error-row.ts';

/** The update of a whole printer. */
export const printerErrors = {
  'printer/update-stopped': {
    title: 'The update stopped at one MCU',
    next: {
      window: 'Check the cable and power of that MCU. Then resume the update, or roll it back.',
      terminal:
        'Check the cable and power of that MCU. Then "canopus printer update --resume" continues, and "canopus printer rollback" goes back.',
    },
    exit: 'failed',
  },
  'printer/bad-journal': {
    title: 'The journal of the update cannot be read',
    next: { window: 'Use the version of Canopus that began the update to finish it.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
