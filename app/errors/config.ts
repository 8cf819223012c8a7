import type { ErrorRows } from './error-row.ts';

/** printer.cfg. */
export const configErrors = {
  'config/auto-saved': {
    title: 'The option is in the block that Klipper writes itself',
    next: {
      window: 'Delete the named option from the block at the end of printer.cfg, then try again.',
    },
    exit: 'refused',
  },
  'config/invalid-value': {
    title: 'printer.cfg cannot hold this',
    next: {
      window: 'Enter a canbus_uuid of 12 hexadecimal digits, and a section name of letters and digits.',
    },
    exit: 'refused',
  },
} satisfies ErrorRows;
