/** The steps of a run on one board, as its events and the history name them. Not every run has all. */
export const runSteps = [
  'install-katapult',
  'install-picoboot',
  'enter-katapult',
  'install-klipper',
  'restore',
] as const;
export type RunStep = (typeof runSteps)[number];

/** What a run asks a person to do at the board. */
export const asks = ['remove-jumper', 'press-reset', 'double-tap', 'back-to-dfu', 'wake-katapult'] as const;
export type Ask = (typeof asks)[number];
