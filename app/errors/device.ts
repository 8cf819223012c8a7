import type { ErrorRows } from './error-row.ts';
import { wrongModeCases } from './wrong-mode.ts';

/** Finding devices. */
export const deviceErrors = {
  'device/not-found': {
    title: 'There is no such device',
    next: {
      window:
        'Check that the board is plugged in and has power. The bench shows every board that Canopus sees.',
      terminal:
        'Check that the board is plugged in and has power. "canopus boards --watch" shows what appears.',
    },
    exit: 'device',
  },
  'device/ambiguous': {
    title: 'Several boards are plugged in',
    next: {
      window: 'Unplug all boards but the right one, then try again.',
      terminal: 'Choose one with --port; "canopus boards" shows what is on each.',
    },
    exit: 'usage',
  },
  'device/wrong-mode': {
    title: 'The board is in another mode',
    next: {
      window: 'Check on the bench which device is on this port. Choose the right one, then try again.',
      terminal: '"canopus boards" shows which device is on this port. Choose the right one, then try again.',
    },
    cases: wrongModeCases,
    exit: 'device',
  },
  'device/did-not-return': {
    title: 'The board did not come back',
    next: {
      window:
        'Check the BOOT0 jumper and the power, then press reset once. If the board stays silent, its crystal may differ from the one the firmware was built for: set that board up on its own, and choose "Find the crystal".',
      terminal:
        'Check the BOOT0 jumper and the power, then press reset once. If the board stays silent, its crystal may differ from the one the firmware was built for: "canopus flash --rescue" finds the right one.',
    },
    exit: 'device',
  },
  'device/still-in-dfu': {
    title: 'The board came back in DFU mode',
    next: { window: 'Power the board off completely, take the BOOT0 jumper off, then power it on again.' },
    exit: 'device',
  },
  'device/returned-as-another': {
    title: 'Another board appeared on this port',
    next: { window: 'Put the first board back on its port, or start again with this one.' },
    exit: 'device',
  },
  'device/claimed': {
    title: 'Other work has this board',
    next: { window: 'Wait until it has ended, or cancel it. Then start again.' },
    cases: [
      {
        when: { owner: 'bench' },
        window: 'Disarm the bench: it would write to the board again at once. Then start again.',
      },
      {
        when: { owner: 'flow' },
        window: 'Finish or remove the guided flow of this board. Then start again.',
      },
    ],
    exit: 'refused',
  },
  'device/unreachable': {
    title: 'This place cannot be reached from here',
    next: {
      window: 'Plug the board into this computer with a USB cable.',
    },
    cases: [
      {
        when: { on: 'pi' },
        window: 'Open the boards of that Pi, then start again.',
        terminal: 'Name the Pi with --pi, and its port with --port.',
      },
    ],
    exit: 'refused',
  },
} satisfies ErrorRows;
