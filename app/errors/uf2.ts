import type { ErrorRows } from './error-row.ts';

/** The drive that the boot ROM of RP2040 and RP2350 offers. */
export const uf2Errors = {
  'uf2/no-drive': {
    title: 'The drive of the boot ROM was not found',
    next: {
      window:
        'Unplug the board, hold its BOOT button, plug it in again and let the button go: a drive named RPI-RP2 or RP2350 appears. If this computer does not open drives by itself, open it in the file manager.',
    },
    exit: 'device',
  },
  'uf2/several-drives': {
    title: 'Several boards offer a drive',
    next: {
      window: 'Leave only the board plugged in that you mean, then try again.',
      terminal:
        'Name one with --drive, as "canopus card list" prints it, or leave only one board plugged in.',
    },
    exit: 'usage',
  },
  'uf2/not-taken': {
    title: 'The boot ROM did not take the file',
    next: {
      window:
        'Unplug the board, hold its BOOT button, plug it in again and let the button go. Then try once more.',
    },
    exit: 'failed',
  },
  'uf2/not-started': {
    title: 'Katapult did not show up after the drive took it',
    next: {
      window:
        'Unplug the board and plug it in again without its BOOT button. If Katapult does not show up then, check that the image is for this chip.',
    },
    exit: 'device',
  },
} satisfies ErrorRows;
