import type { ErrorRows } from './error-row.ts';

/** Tools for building. */
export const toolchainErrors = {
  'toolchain/missing': {
    title: 'Tools for building are missing',
    next: {
      window: {
        linux:
          'Install the named tools, or build on the Pi: choose it under "Build on" on the Firmware page. You can also bring finished images.',
        darwin:
          'Install the named tools, or build on the Pi: choose it under "Build on" on the Firmware page. You can also bring finished images.',
        win32:
          'Install the named tools in WSL, or build on the Pi: choose it under "Build on" on the Firmware page. You can also bring finished images.',
      },
      terminal: 'Install the named tools, build on the Pi (--on pi:USER@HOST), or import finished images.',
    },
    exit: 'refused',
  },
  'toolchain/too-old': {
    title: 'The compiler is too old',
    next: {
      window:
        'Install a newer one, or build on a computer that has one: choose it under "Build on" on the Firmware page.',
      terminal: 'Install a newer one, or build on a computer that has one (--on pi:USER@HOST).',
    },
    exit: 'refused',
  },
  'toolchain/probe-failed': {
    title: 'The tools for building could not be checked',
    next: { window: 'Read the message: a shell and the basic commands must work on that computer.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
