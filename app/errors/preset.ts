import type { ErrorRows } from './error-row.ts';

/** Board presets. */
export const presetErrors = {
  'preset/invalid': {
    title: 'A board preset is invalid',
    next: { window: 'Correct the named field in the named file.' },
    exit: 'usage',
  },
  'preset/taken': {
    title: 'Another board has this name',
    next: {
      window: 'Give the board in the file another id or alias: a board that Canopus knows is never replaced.',
    },
    cases: [
      {
        when: { own: true },
        window: 'Remove your board of this name first.',
        terminal: 'Give --replace to put it in the place of your board of this name.',
      },
    ],
    exit: 'refused',
  },
  'preset/built-in': {
    title: 'This board comes with Canopus',
    next: { window: 'Only boards that were added here can be removed.' },
    exit: 'refused',
  },
  'preset/unknown': {
    title: 'No such board preset',
    next: {
      window: 'Choose the board again.',
      terminal: '"canopus presets" lists the boards and their chips, as --preset takes them.',
    },
    cases: [
      {
        when: { meant: true },
        window: 'Choose the board again.',
        terminal: 'Name the chip after a colon, as in --preset {meant}.',
      },
      {
        when: { similar: true },
        window: 'Choose the board again.',
        terminal: 'Did you mean {similar}? "canopus presets" lists the boards and their chips.',
      },
    ],
    exit: 'usage',
  },
  'preset/ambiguous': {
    title: 'Several boards have this name',
    next: { window: 'Choose the board again.', terminal: '"canopus presets" shows which is which.' },
    cases: [
      {
        when: { known: true },
        window: 'Choose the board again.',
        terminal: 'Name the one you have: {known}.',
      },
    ],
    exit: 'usage',
  },
  'preset/node-in-two-steps': {
    title: 'A CAN node is set up in two steps',
    next: {
      window: '"Set up a board" does both, one after the other.',
      terminal:
        'First write Katapult over USB with "canopus install-katapult"; once the board is on its bus, "canopus can flash" writes Klipper.',
    },
    exit: 'refused',
  },
  'preset/no-usb-bootloader': {
    title: 'This chip cannot be written over USB',
    next: {
      window:
        'Write Katapult with an ST-Link or over UART, by another program. Once the board is on its bus, the card of its bridge writes Klipper.',
      terminal:
        'Write Katapult with an ST-Link or over UART, by another program. Once the board is on its bus, "canopus can flash" writes Klipper.',
    },
    exit: 'refused',
  },
  'preset/hazards-not-confirmed': {
    title: 'This board has hazards that must be confirmed',
    next: {
      window: 'Deal with each hazard, tick it, then continue.',
      terminal: 'Deal with each hazard, then repeat the command with --confirm-hazards.',
    },
    exit: 'refused',
  },
} satisfies ErrorRows;
