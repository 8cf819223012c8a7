import type { ErrorRows } from './error-row.ts';

/** Tools for building. */
export const toolchainErrors = {
  'toolchain/missing': {
    title: 'Tools for building are missing',
    next: {
      window: 'Install what is named, build on the Pi (--on pi:USER@HOST), or import finished images.',
    },
    exit: 'refused',
  },
  'toolchain/too-old': {
    title: 'The compiler is too old',
    next: { window: 'Install a newer one, or build on a machine that has one (--on pi:USER@HOST).' },
    exit: 'refused',
  },
  'toolchain/probe-failed': {
    title: 'The tools for building could not be examined',
    next: { window: 'See the message; a shell and the basic commands must work on that machine.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
