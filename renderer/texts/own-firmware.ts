/** The firmware that the printer of a board decides. */
export const ownFirmwareTexts = {
  title: 'Firmware for this board',
  looking: (pi: string) => `Looking at the Klipper on ${pi} …`,
  making: {
    samples: (pi: string) => `Making sample images for ${pi} …`,
    there: (pi: string, version: string | null) =>
      `Building Klipper ${version ?? ''} on ${pi}, as it runs there …`.replace('  ', ' '),
    here: (pi: string, version: string | null) =>
      `Building Klipper ${version ?? ''} here, as ${pi} runs it …`.replace('  ', ' '),
  },
  chosen: 'It is chosen. Go on with the next step, or make it again.',
  thisComputer: 'This computer',
  nowhere: (pi: string) => `Nothing can build for ${pi}`,
  lacks: (name: string, missing: readonly string[]) => `${name} lacks ${missing.join(', ')}.`,
  otherwise: 'Or import images or a bundle that another computer made, below.',
  piGone: 'The Pi of this printer was removed',
  otherPrinter: 'Choose another printer',
  makeAnew: 'Make it again',
  advanced: 'Advanced: other sources, versions or files',
} as const;
