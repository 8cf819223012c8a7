import type { ErrorRows } from './error-row.ts';

/** Building. */
export const buildErrors = {
  'build/unknown-mcu': {
    title: 'The source does not know this MCU',
    next: { window: 'Use a newer source, or the preset of the chip that is on the board.' },
    exit: 'refused',
  },
  'build/not-offered': {
    title: 'A firmware does not offer this choice',
    next: {
      window:
        'Choose a crystal, an offset and CAN pins that Katapult and Klipper both have (an offset of 32 KiB fits every STM32F4), or take a newer version of the one that is named.',
    },
    exit: 'refused',
  },
  'build/config-refused': {
    title: 'The source did not take the configuration',
    next: {
      window:
        'The table says which symbols. The source may be too old or too new for this board: try another version of it.',
    },
    exit: 'refused',
  },
  'build/known-fault': {
    title: 'This firmware version is known not to work on this chip',
    next: {
      window:
        'Build a newer version, at least the one that is named. If the Pi runs this one, update Klipper there first.',
    },
    exit: 'refused',
  },
  'build/configure-failed': {
    title: 'The configuration could not be made',
    next: { window: 'See the log: make olddefconfig failed in this source.' },
    exit: 'failed',
  },
  'build/failed': {
    title: 'The compiler failed',
    next: {
      window: 'See the errors in the log. Another version of the source, or another compiler, may build.',
    },
    exit: 'failed',
  },
  'build/failed-changed': {
    title: 'The compiler failed on a changed source tree',
    next: {
      window:
        'See the errors in the log. The tree has changes that are in no commit: without them it may build.',
    },
    exit: 'failed',
  },
  'build/library-too-new': {
    title: 'This Klipper is older than the C library of this compiler',
    next: {
      window:
        'Take Klipper v0.13.0 or later, or build on a computer with an older compiler (newlib before 4.3), such as a Pi with Raspberry Pi OS 12.',
    },
    exit: 'failed',
  },
  'build/timeout': {
    title: 'The build took too long',
    next: { window: 'The machine may be overloaded; try again, or build on another one.' },
    exit: 'failed',
  },
  'build/no-image': {
    title: 'The build left no image',
    next: { window: 'Check that this is an unchanged Klipper or Katapult tree.' },
    exit: 'failed',
  },
  'build/image-mismatch': {
    title: 'The built image is not what was asked for',
    next: {
      window: 'It was not stored. The source tree may be changed or broken; try a clean version of it.',
    },
    exit: 'refused',
  },
  'build/printing': {
    title: 'The printer is printing',
    next: {
      window:
        'Wait for the print to end, build on this computer, or confirm that the Pi may build meanwhile.',
    },
    exit: 'refused',
  },
  'build/no-builder': {
    title: 'Nothing can build there',
    next: {
      window:
        'On Windows build in WSL (--on wsl) or on the Pi (--on pi:USER@HOST), or import finished images.',
    },
    exit: 'usage',
  },
  'build/bad-folder': {
    title: 'Nothing can be built in this folder',
    next: { window: 'Choose a folder without spaces and special characters (--data DIR).' },
    exit: 'usage',
  },
} satisfies ErrorRows;
