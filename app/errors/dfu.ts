import type { ErrorRows } from './error-row.ts';

/** ROM DFU. */
export const dfuErrors = {
  'dfu/no-dfu-interface': {
    title: 'The device has no DFU interface',
    next: { window: 'Set the BOOT0 jumper and press reset to start the ROM bootloader.' },
    exit: 'failed',
  },
  'dfu/bad-layout': {
    title: 'The chip describes its memory in an unknown way',
    next: {
      window:
        'Reset the board into DFU and try again. If it happens again, report the board and the marking on its chip.',
    },
    exit: 'failed',
  },
  'dfu/read-protected': {
    title: 'The chip is read-protected',
    next: {
      window:
        'Remove the read protection with STM32CubeProgrammer, which erases the whole chip. Then try again.',
      terminal:
        'Repeat the command with --confirm-read-unprotect. It erases the whole chip; leave the board plugged in meanwhile.',
    },
    cases: [
      {
        when: { wanted: 'backup' },
        window:
          'A read-protected chip cannot be backed up, as its flash cannot be read. To write to it, remove the read protection with STM32CubeProgrammer, which erases the whole chip. Then try again.',
        terminal:
          'A read-protected chip cannot be backed up, as its flash cannot be read. Repeat without --backup, and with --confirm-read-unprotect, which erases the whole chip.',
      },
      {
        when: { wanted: 'restore' },
        window:
          'A backup is not restored to a protected chip, as that would change its protection. Write Katapult to it instead.',
      },
    ],
    exit: 'refused',
  },
  'dfu/unprotect-not-confirmed': {
    title: 'Removing the protection was not confirmed',
    next: {
      window: 'Confirm that the whole chip may be erased, then try again.',
      terminal: 'Repeat the command with --confirm-read-unprotect. It erases the whole chip.',
    },
    exit: 'refused',
  },
  'dfu/erase-all-not-confirmed': {
    title: 'All of flash must be erased on this chip',
    next: {
      window:
        'Set this board up by itself, with a backup if you need what is there, and allow it there to erase all of flash.',
      terminal: 'Repeat the command with --confirm-erase-all, and with --backup if you need what is there.',
    },
    exit: 'refused',
  },
  'dfu/device-error': {
    title: 'The ROM bootloader reported an error',
    next: { window: 'Reset the board into DFU again, then repeat the step.' },
    exit: 'failed',
  },
  'dfu/stuck-busy': {
    title: 'The ROM bootloader stays busy',
    next: {
      window: 'Press reset with the BOOT0 jumper on, or power the board off and on. Then repeat the step.',
    },
    exit: 'failed',
  },
  'dfu/erase-failed': {
    title: 'A flash sector could not be erased',
    next: {
      window: 'Try once more. If the same sector fails again, the chip is worn out or write-protected.',
    },
    exit: 'failed',
  },
  'dfu/write-failed': {
    title: 'A flash block could not be written',
    next: {
      window: 'Try once more. If the same address fails again, the chip is worn out or write-protected.',
    },
    exit: 'failed',
  },
  'dfu/verify-mismatch': {
    title: 'The flash does not hold what was written',
    next: {
      window: 'Try once more. If the same address differs again, the flash is damaged: do not use the board.',
    },
    exit: 'failed',
  },
  'dfu/flash-damaged': {
    title: 'The flash of the chip may be damaged',
    next: {
      window: 'Try once more. If the same address fails again, the flash is damaged: do not use the board.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
