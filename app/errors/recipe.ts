import type { ErrorRows } from './error-row.ts';

/** What to build. */
export const recipeErrors = {
  'recipe/invalid': {
    title: 'This cannot be built',
    next: { window: 'Correct the named value.' },
    cases: [
      {
        when: { field: 'variant', known: true },
        window: 'Read the marking on the chip, then choose the board with that chip: {known}.',
        terminal: 'Read the marking on the chip, then name the board with it; --preset is one of {known}.',
      },
      {
        when: { field: 'can-pins', known: true },
        window: 'Choose the pins that the CAN transceiver is wired to: {known}.',
        terminal: 'Name the pins that the CAN transceiver is wired to with --can-pins: {known}.',
      },
      {
        when: { field: 'crystal' },
        window: 'Read the crystal beside the chip and choose its frequency in whole MHz.',
        terminal: 'Read the crystal beside the chip and give its frequency in whole MHz, as in --crystal 12.',
      },
      {
        when: { field: 'offset' },
        window: 'Choose an offset of 32 KiB, which Katapult and Klipper have for every STM32F4.',
        terminal: 'Take --offset 32, which Katapult and Klipper have for every STM32F4.',
      },
      {
        when: { field: 'bit rate' },
        window: 'Choose the bit rate that every board on the CAN bus has, such as 1000000.',
        terminal: 'Give the bit rate that every board on the CAN bus has, as in --bitrate 1000000.',
      },
    ],
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
    title: 'The firmware contradicts what is known about the board',
    next: {
      window:
        'Read the markings on the chip and on the crystal. If the board really differs, tick "I have read the marking on this board: build it this way".',
      terminal:
        'Read the markings on the chip and on the crystal. If the board really differs, repeat the command with --confirm.',
    },
    exit: 'refused',
  },
  'recipe/conflict': {
    title: 'An extra symbol contradicts the recipe',
    next: { window: 'Leave the symbol out, or change the board setting that decides it.' },
    cases: [
      {
        when: { symbol: true, fixed: true },
        window:
          'Leave {symbol} out: the board needs it to be {fixed}. Change the setting that decides it instead.',
        terminal:
          'Leave {symbol} out: the board needs it to be {fixed}. Change the setting that decides it instead (--crystal, --offset, --can-pins, --bitrate or --preset).',
      },
    ],
    exit: 'usage',
  },
} satisfies ErrorRows;
