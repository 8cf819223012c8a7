import type { ErrorRows } from './error-row.ts';

/** Building. */
export const buildErrors = {
  'build/unknown-mcu': {
    title: 'The source does not know this MCU',
    next: {
      window: 'Use newer sources, or choose the board with the chip that is on it.',
      terminal: 'Use newer sources, or the preset of the chip that is on the board.',
    },
    exit: 'refused',
  },
  'build/not-offered': {
    title: 'A firmware does not offer this choice',
    next: {
      window:
        'Choose a crystal, an offset and CAN pins that Katapult and Klipper both have (an offset of 32 KiB fits every STM32F4), or take a newer version of the named firmware.',
    },
    exit: 'refused',
  },
  'build/config-refused': {
    title: 'The sources rejected the configuration',
    next: {
      window:
        'The sources rejected the named symbols: they may be too old or too new for this board. Try another version.',
    },
    exit: 'refused',
  },
  'build/known-fault': {
    title: 'This firmware version is known not to work on this chip',
    next: {
      window:
        'Build a newer version, at least the named one. If the Pi runs this one, update Klipper there first.',
    },
    exit: 'refused',
  },
  'build/configure-failed': {
    title: 'The configuration could not be made',
    next: { window: 'See the log: the sources could not be configured (make olddefconfig).' },
    exit: 'failed',
  },
  'build/failed': {
    title: 'The compiler failed',
    next: {
      window: 'See the errors in the log. Another version of the sources, or another compiler, may work.',
    },
    exit: 'failed',
  },
  'build/failed-changed': {
    title: 'The compiler failed on a changed source tree',
    next: {
      window:
        'See the errors in the log. The sources have changes that are in no commit: without them the build may work.',
    },
    exit: 'failed',
  },
  'build/library-too-new': {
    title: 'This Klipper is older than the C library of this compiler',
    next: {
      window:
        'Use Klipper v0.13.0 or later, or build on a computer with an older compiler (newlib before 4.3), such as a Pi with Raspberry Pi OS 12.',
    },
    exit: 'failed',
  },
  'build/timeout': {
    title: 'The build took too long',
    next: { window: 'The computer may be overloaded. Try again, or build on another computer.' },
    exit: 'failed',
  },
  'build/no-image': {
    title: 'The build produced no image',
    next: { window: 'Check that this is an unchanged Klipper or Katapult tree.' },
    exit: 'failed',
  },
  'build/image-mismatch': {
    title: 'The built image is not what was asked for',
    next: {
      window: 'It was not stored. The sources may be changed or damaged: use a clean version of them.',
    },
    exit: 'refused',
  },
  'build/printing': {
    title: 'The printer is printing',
    next: {
      window:
        'Wait for the print to end, or build on this computer. "Build anyway" builds on the Pi while it prints.',
      terminal:
        'Wait for the print to end, or build on this computer (--on local). --while-printing builds on the Pi while it prints.',
    },
    exit: 'refused',
  },
  'build/no-builder': {
    title: 'That computer cannot build firmware',
    next: {
      window: {
        linux: 'Choose another computer under "Build on", or bring finished images.',
        darwin: 'Choose another computer under "Build on", or bring finished images.',
        win32:
          'Build in WSL or on the Pi: choose it under "Build on" on the Firmware page. You can also bring finished images.',
      },
      terminal: {
        linux:
          'Build on this computer (--on local) or on the Pi (--on pi:USER@HOST), or import finished images.',
        darwin:
          'Build on this computer (--on local) or on the Pi (--on pi:USER@HOST), or import finished images.',
        win32: 'Build in WSL (--on wsl) or on the Pi (--on pi:USER@HOST), or import finished images.',
      },
    },
    exit: 'usage',
  },
  'build/bad-folder': {
    title: 'Nothing can be built in this folder',
    next: {
      window:
        'The path of the cache folder, which Settings shows, must have no spaces or special characters. Or build on a Pi: choose it under "Build on".',
      terminal: 'Choose a folder whose path has no spaces or special characters: --data FOLDER.',
    },
    exit: 'usage',
  },
} satisfies ErrorRows;
