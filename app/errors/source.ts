import type { ErrorRows } from './error-row.ts';

/** Firmware sources: what to build from. */
export const sourceErrors = {
  'source/invalid': {
    title: 'This is not a firmware source',
    next: { window: 'Give a folder, URL@REF (a branch, tag or commit) or pi:USER@HOST.' },
    exit: 'usage',
  },
  'source/not-firmware': {
    title: 'There is no firmware in this source',
    next: {
      window: 'Point to the top folder of a Klipper tree for Klipper, of a Katapult tree for Katapult.',
    },
    exit: 'usage',
  },
  'source/unreachable': {
    title: 'The source could not be fetched',
    next: {
      window:
        'Check the network and the address. What was fetched before can be built without network: name its commit or tag.',
    },
    exit: 'failed',
  },
  'source/unknown-ref': {
    title: 'The source has no such branch, tag or commit',
    next: { window: 'Check the name; a commit is best given with all 40 digits.' },
    exit: 'usage',
  },
  'source/git-failed': {
    title: 'git could not read the source',
    next: { window: 'See what git said; "git status" in that folder should work without complaint.' },
    exit: 'failed',
  },
  'source/not-on-pi': {
    title: 'The Pi has no such source tree',
    next: {
      window:
        'Klipper is looked for in ~/klipper, Katapult in ~/katapult of the user on the Pi; give another source.',
    },
    exit: 'usage',
  },
} satisfies ErrorRows;
