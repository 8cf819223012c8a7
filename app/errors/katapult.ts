import type { ErrorRows } from './error-row.ts';

/** Katapult. */
export const katapultErrors = {
  'katapult/no-answer': {
    title: 'Katapult does not reply',
    next: { window: 'Press reset twice within half a second to start Katapult, then try again.' },
    exit: 'failed',
  },
  'katapult/bad-answer': {
    title: 'Katapult sent an invalid reply',
    next: { window: 'Press reset twice within half a second to start Katapult, then try again.' },
    exit: 'failed',
  },
  'katapult/unsupported-version': {
    title: 'This Katapult speaks an unknown protocol version',
    next: { window: 'Install a current Katapult through DFU first.' },
    exit: 'failed',
  },
  'katapult/command-failed': {
    title: 'Katapult refused a command',
    next: { window: 'Press reset twice within half a second to start Katapult, then try again.' },
    exit: 'failed',
  },
  'katapult/sector-occupied': {
    title: 'Katapult cannot replace the application on this chip',
    next: {
      window:
        'Put the board into DFU and write Katapult and Klipper from there: that erases the old application. A known fault of Katapult on the STM32H723.',
      terminal:
        'Put the board into DFU and run `canopus flash` from there: it erases the old application. A known fault of Katapult on the STM32H723.',
    },
    exit: 'failed',
  },
  'katapult/wedged': {
    title: 'Katapult stopped listening',
    next: { window: 'Press reset twice within half a second to start Katapult, then try again.' },
    exit: 'failed',
  },
  'katapult/wrong-mcu': {
    title: 'The image is for another MCU than Katapult reports',
    next: { window: 'Choose the image for the MCU on this board.' },
    cases: [
      {
        when: { reported: 'stm32f103xe' },
        window:
          'An STM32F103 cannot be a USB-to-CAN bridge: its USB and CAN share one block of memory. Use another board as the bridge; this one can be a CAN node behind it.',
      },
    ],
    exit: 'refused',
  },
  'katapult/wrong-address': {
    title: 'The image does not start where Katapult starts the application',
    next: { window: 'Build Klipper with the bootloader offset that Katapult was built for.' },
    exit: 'refused',
  },
  'katapult/verify-mismatch': {
    title: 'The flash does not hold what was written',
    next: {
      window:
        'Try once more; the board stays in Katapult. If the same address differs again, the flash is damaged: do not use the board.',
    },
    exit: 'failed',
  },
  'katapult/flash-damaged': {
    title: 'The flash of the chip may be damaged',
    next: {
      window:
        'Try once more; the board stays in Katapult. If the same address fails again, the flash is damaged: do not use the board.',
    },
    exit: 'failed',
  },
  'katapult/stuck-busy': {
    title: 'Katapult stays busy',
    next: { window: 'Press reset twice within half a second to start Katapult, then try again.' },
    exit: 'failed',
  },
  'katapult/frames-damaged': {
    title: 'Katapult receives damaged data',
    next: {
      window:
        'Try another cable or another port, without a hub. Press reset twice within half a second to start Katapult, then try again.',
    },
    exit: 'failed',
  },
  'katapult/not-entered': {
    title: 'The board did not leave Klipper for its bootloader',
    next: { window: 'Press reset twice within half a second to start Katapult, then try again.' },
    exit: 'failed',
  },
  'katapult/bridge-no-driver': {
    title: 'The running bridge cannot be opened',
    next: {
      window: {
        linux:
          'Press its reset button twice within half a second: Katapult starts, and the work continues automatically.',
        darwin:
          'Press its reset button twice within half a second: Katapult starts, and the work continues automatically.',
        win32:
          'Press its reset button twice within half a second: Katapult starts, which needs no driver, and the work continues automatically. Or bind WinUSB to the bridge (USB ID 1D50 606F) with Zadig.',
      },
      terminal: {
        linux: 'Press its reset button twice within half a second: Katapult starts. Then repeat the command.',
        darwin:
          'Press its reset button twice within half a second: Katapult starts. Then repeat the command.',
        win32:
          'Press its reset button twice within half a second: Katapult starts, which needs no driver. Then repeat the command. Or bind WinUSB to the bridge (USB ID 1D50 606F) with Zadig.',
      },
    },
    exit: 'refused',
  },
  'katapult/deployer': {
    title: "This is Katapult's deployer",
    next: {
      window:
        "Write Katapult itself over USB (DFU). The deployer replaces the maker's bootloader on its own: cut half-way, it leaves a board without any.",
    },
    exit: 'refused',
  },
} satisfies ErrorRows;
