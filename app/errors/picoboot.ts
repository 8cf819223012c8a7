import type { ErrorRows } from './error-row.ts';

/** The boot ROM of RP2040 and RP2350. */
export const picobootErrors = {
  'picoboot/no-interface': {
    title: 'The boot ROM offers only its drive',
    next: {
      window:
        'Unplug the board, hold its BOOT button, plug it in again and let the button go. Then try again.',
    },
    exit: 'failed',
  },
  'picoboot/refused': {
    title: 'The boot ROM refused a command',
    next: {
      window:
        'Unplug the board, hold its BOOT button, plug it in again and let the button go. Then try again.',
    },
    exit: 'failed',
  },
  'picoboot/erase-failed': {
    title: 'A flash sector could not be erased',
    next: {
      window:
        'Try once more. If the same sector fails again, the flash chip is worn out or write-protected: do not use the board.',
    },
    exit: 'failed',
  },
  'picoboot/verify-mismatch': {
    title: 'The flash does not hold what was written',
    next: {
      window: 'Try once more. If the same address differs again, the flash is damaged: do not use the board.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
