import type { ErrorRows } from './error-row.ts';

/** The identity of a chip. */
export const identityErrors = {
  'uid/invalid': {
    title: 'This is not a chip UID',
    next: {
      window:
        'A UID has 24 hexadecimal digits, of an RP2040 or RP2350 16: copy it from the USB serial number or from the label.',
    },
    exit: 'usage',
  },
  'identity/conflict': {
    title: 'Two boards claim the same identity',
    next: { window: 'Unplug one of them and continue with the other.' },
    exit: 'refused',
  },
} satisfies ErrorRows;
