/** The end of the flow, for a person. */
export const doneTexts = {
  proven: (pi: string) => `Klipper runs on it, and ${pi} talks to it: both were checked just now.`,
  plugInAgain: 'Power off, then connect the heaters and whatever else you unplugged.',
  webPage: 'The printer’s own page, Mainsail or Fluidd, is usually at',
  details: 'Details: identity, images and proofs',
} as const;
