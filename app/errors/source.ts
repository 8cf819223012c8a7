import type { ErrorRows } from './error-row.ts';

/** Firmware sources: what to build from. */
export const sourceErrors = {
  'source/invalid': {
    title: 'This is not a firmware source',
    next: { window: 'Enter a folder, URL@REF (a branch, tag or commit) or pi:USER@HOST.' },
    exit: 'usage',
  },
  'source/not-firmware': {
    title: 'There is no firmware in this source',
    next: {
      window: 'Choose the top folder of a Klipper tree for Klipper, and of a Katapult tree for Katapult.',
    },
    exit: 'usage',
  },
  'source/unreachable': {
    title: 'The source could not be fetched',
    next: {
      window:
        'Check the network and the address. Sources that were fetched before need no network: name their commit or tag.',
    },
    exit: 'failed',
  },
  'source/unknown-ref': {
    title: 'The source has no such branch, tag or commit',
    next: { window: 'Check the name. Write a commit with all of its 40 digits.' },
    exit: 'usage',
  },
  'source/git-failed': {
    title: 'git could not read the source',
    next: {
      window: 'Read what git said, and repair the folder or choose another one.',
      terminal: 'Read what git said. "git status" in that folder must work without errors.',
    },
    exit: 'failed',
  },
  'source/not-on-pi': {
    title: 'The Pi has no such source tree',
    next: {
      window:
        'Klipper is expected in ~/klipper and Katapult in ~/katapult of the user on the Pi. Choose another source.',
    },
    exit: 'usage',
  },
} satisfies ErrorRows;
