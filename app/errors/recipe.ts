import type { ErrorRows } from './error-row.ts';

/** What to build. */
export const recipeErrors = {
  'recipe/invalid': {
    title: 'This cannot be built',
    next: { window: 'Correct the value that is named.' },
    exit: 'usage',
  },
  'recipe/no-bridge': {
    title: 'This MCU cannot be a USB-to-CAN bridge',
    next: {
      window:
        'Use a board with an STM32 F4, F072, G0B1 or H7 as the bridge. This one can be a CAN node behind it.',
    },
    exit: 'refused',
  },
  'recipe/not-confirmed': {
    title: 'The firmware would not fit what is known of the board',
    next: {
      window:
        'Read the markings on the chip and on the crystal. If the board really differs, tick "I have read the marking on this board: build it so".',
      terminal:
        'Read the markings on the chip and on the crystal. If the board really differs, repeat the command with --confirm.',
    },
    exit: 'refused',
  },
  'recipe/conflict': {
    title: 'An extra symbol contradicts the recipe',
    next: { window: 'Leave the symbol out, or change the board setting that it stands for.' },
    exit: 'usage',
  },
} satisfies ErrorRows;
