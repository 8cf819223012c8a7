import type { ErrorRows } from './error-row.ts';

/** Pipes to devices: raised where a native module or a virtual device is wrapped. */
export const linkErrors = {
  'link/stall': {
    title: 'The device refused a request',
    next: { window: 'Reset the board and try again.' },
    exit: 'failed',
  },
  'link/timeout': {
    title: 'The device did not answer in time',
    next: { window: 'Check the cable, avoid hubs, reset the board and try again.' },
    exit: 'failed',
  },
  'link/closed': {
    title: 'The connection was closed',
    next: { window: 'Start again.' },
    exit: 'failed',
  },
  'link/gone': {
    title: 'The device was unplugged',
    next: { window: 'Plug the board into the same port again and repeat the step.' },
    exit: 'device',
  },
  'link/io': {
    title: 'The USB transfer failed',
    next: { window: 'Try another cable or port, then repeat the step.' },
    exit: 'failed',
  },
  'link/access': {
    title: 'No permission to open the device',
    next: {
      window:
        'On Linux install the udev rules (resources/udev/70-canopus.rules) and plug the board in again.',
    },
    exit: 'failed',
  },
  'link/busy': {
    title: 'Another program holds the device',
    next: {
      window:
        'Close other flashing tools, slicers and serial monitors; on Linux stop ModemManager or install the udev rules.',
    },
    exit: 'failed',
  },
  'link/no-driver': {
    title: 'The driver is missing',
    next: {
      window:
        'On Windows bind WinUSB to "STM32 BOOTLOADER" (for example with Zadig) and plug the board in again.',
    },
    exit: 'failed',
  },
  'link/protocol': {
    title: 'The device sent something unexpected',
    next: { window: 'Reset the board and try again; if it stays, note the log and report it.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
