import type { ErrorRows } from './error-row.ts';

/** Board presets. */
export const presetErrors = {
  'preset/invalid': {
    title: 'A board preset is invalid',
    next: { window: 'Correct the field that is named, in the file that is named.' },
    exit: 'usage',
  },
  'preset/unknown': {
    title: 'No such board preset',
    next: { window: 'Choose the board again.', terminal: '"canopus presets" lists the boards.' },
    exit: 'usage',
  },
} satisfies ErrorRows;
