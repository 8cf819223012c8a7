import type { ErrorRows } from './error-row.ts';

/** ROM DFU. */
export const dfuErrors = {
  'dfu/no-dfu-interface': {
    title: 'The device has no DFU interface',
    next: { window: 'Set the BOOT0 jumper and press reset so that the ROM bootloader starts.' },
    exit: 'failed',
  },
  'dfu/bad-layout': {
    title: 'The chip describes its memory in an unknown way',
    next: { window: 'Reset the board into DFU again; if it stays, report the board and chip marking.' },
    exit: 'failed',
  },
  'dfu/read-protected': {
    title: 'The chip is read-protected',
    next: {
      window: 'Repeat with read-unprotect confirmed. It erases the whole chip; do not unplug meanwhile.',
    },
    cases: [
      {
        detail: 'wanted',
        is: 'backup',
        window:
          'No backup of a read-protected chip is possible: it lets nobody read it. Repeat without a backup.',
        terminal:
          'No backup of a read-protected chip is possible: it lets nobody read it. Repeat without --backup, and with --confirm-read-unprotect, which erases the whole chip.',
      },
      {
        detail: 'wanted',
        is: 'restore',
        window:
          'A backup is not put back on a protected chip, as that would change its protection. Put Katapult on it anew if it is to be used.',
      },
    ],
    exit: 'refused',
  },
  'dfu/unprotect-not-confirmed': {
    title: 'Removing the protection was not confirmed',
    next: { window: 'Confirm it explicitly (--confirm-read-unprotect); it erases the whole chip.' },
    exit: 'refused',
  },
  'dfu/device-error': {
    title: 'The ROM bootloader reported an error',
    next: { window: 'Reset the board into DFU again and repeat the step.' },
    exit: 'failed',
  },
  'dfu/stuck-busy': {
    title: 'The ROM bootloader stays busy',
    next: {
      window: 'Press reset with the BOOT0 jumper on, or power the board off and on, then repeat the step.',
    },
    exit: 'failed',
  },
  'dfu/erase-failed': {
    title: 'A flash sector could not be erased',
    next: { window: 'Repeat once. If the same sector fails again the chip is worn out or write-protected.' },
    exit: 'failed',
  },
  'dfu/write-failed': {
    title: 'A flash block could not be written',
    next: { window: 'Repeat once. If the same address fails again the chip is worn out or write-protected.' },
    exit: 'failed',
  },
  'dfu/verify-mismatch': {
    title: 'The flash does not hold what was written',
    next: {
      window: 'Repeat once. If the same address differs again the flash is damaged; do not use the board.',
    },
    exit: 'failed',
  },
  'dfu/flash-damaged': {
    title: 'The flash of the chip may be damaged',
    next: {
      window: 'Repeat once. If the same address fails again, the flash is damaged: do not use the board.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
