import type { ErrorRows } from './error-row.ts';

/** The search for the crystal of a silent board. */
export const rescueErrors = {
  'rescue/crystal-not-found': {
    title: 'No crystal was found',
    next: {
      window:
        'Look at the marking of the crystal on the board and choose it by hand. If the board shows in DFU but never as Katapult, try it once with the BOOT0 jumper off and another USB cable.',
      terminal:
        'Look at the marking of the crystal on the board and give it with --crystal. If the board shows in DFU but never as Katapult, try it once with the BOOT0 jumper off and another USB cable.',
    },
    exit: 'device',
  },
  'rescue/no-image': {
    title: 'There is no firmware for that crystal',
    next: {
      window: 'Build Katapult and Klipper for it under Firmware, then write them.',
      terminal: 'Build it with "canopus build --crystal", then write it with "canopus flash --crystal".',
    },
    exit: 'refused',
  },
} satisfies ErrorRows;
