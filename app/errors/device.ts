import type { ErrorRows } from './error-row.ts';

/** Finding devices. */
export const deviceErrors = {
  'device/not-found': {
    title: 'No such device',
    next: {
      window: 'Check that the board is plugged in and powered; "canopus boards --watch" shows what appears.',
    },
    exit: 'device',
  },
  'device/ambiguous': {
    title: 'More than one device fits',
    next: { window: 'Say which one with --port; the port path is printed by "canopus boards".' },
    exit: 'device',
  },
  'device/wrong-mode': {
    title: 'The board is in another mode',
    next: { window: 'Bring the board into the mode that the step needs, then repeat it.' },
    exit: 'device',
  },
  'device/did-not-return': {
    title: 'The board did not come back',
    next: {
      window:
        'Check the BOOT0 jumper and the power, press reset once. If it stays silent the crystal chosen for the firmware may be wrong.',
    },
    exit: 'device',
  },
  'device/still-in-dfu': {
    title: 'The board came back in DFU mode',
    next: { window: 'Power everything off, take the BOOT0 jumper off, power up again.' },
    exit: 'device',
  },
  'device/returned-as-another': {
    title: 'Another board appeared on this port',
    next: { window: 'Put the first board back on its port, or start anew with this one.' },
    exit: 'device',
  },
} satisfies ErrorRows;
