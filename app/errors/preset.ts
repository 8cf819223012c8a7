import type { ErrorRows } from './error-row.ts';

/** Board presets. */
export const presetErrors = {
  'preset/invalid': {
    title: 'A board preset is invalid',
    next: { window: 'Correct the named field of the named file.' },
    exit: 'usage',
  },
  'preset/unknown': {
    title: 'No such board preset',
    next: { window: '"canopus presets" lists the known ones.' },
    exit: 'usage',
  },
} satisfies ErrorRows;
