import type { ErrorRows } from './error-row.ts';

/** Serial ports of a Pi that a microcontroller is wired to. */
export const uartErrors = {
  'uart/missing': {
    title: 'The Pi has no such serial port',
    next: {
      window:
        'Check its name: serial0, ttyAMA0, ttyS0 or ttyUSB0 are usual. On a Raspberry Pi the UART is switched on in raspi-config (Interface Options, Serial Port: no login shell, hardware enabled); then restart it.',
    },
    exit: 'device',
  },
  'uart/console': {
    title: 'A console of the Pi uses this serial port',
    next: {
      window:
        'On a Raspberry Pi switch the login shell off and leave the hardware on in raspi-config (Interface Options, Serial Port), then restart it. Elsewhere take the port out of the console settings of the boot loader, switch off its serial-getty and restart.',
    },
    exit: 'refused',
  },
  'uart/in-use': {
    title: 'Another program on the Pi uses this serial port',
    next: { window: 'End that program on the Pi, then try again.' },
    exit: 'refused',
  },
  'uart/no-answer': {
    title: 'Neither Katapult nor Klipper replies on this serial port',
    next: {
      window:
        'Check power and ground, and that TX and RX are crossed. Katapult must be built for this UART at 250000 bit/s. If the board has a reset button, press it twice within half a second, then try again.',
    },
    exit: 'device',
  },
} satisfies ErrorRows;
