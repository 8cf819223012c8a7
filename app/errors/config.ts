import type { ErrorRows } from './error-row.ts';

/** printer.cfg. */
export const configErrors = {
  'config/auto-saved': {
    title: 'The option stands in the block that Klipper writes itself',
    next: {
      window:
        'Delete the named option from the block at the end of printer.cfg by hand, then repeat the step.',
    },
    exit: 'refused',
  },
  'config/invalid-value': {
    title: 'This cannot stand in printer.cfg',
    next: { window: 'Give a canbus_uuid of 12 hexadecimal digits and a plain section name.' },
    exit: 'refused',
  },
} satisfies ErrorRows;
