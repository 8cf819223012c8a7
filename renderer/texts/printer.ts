/** The first step of the flow: which printer a board is for. */
export const printerTexts = {
  title: 'Where is your printer?',
  text: 'The Klipper on its Pi decides which firmware the board gets.',
  list: 'Printers',
  searching: 'Looking on your network …',
  found: 'On your network',
  hasMoonraker: 'Klipper, on your network',
  severalPrinters: (names: readonly string[]) => `Printers: ${names.join(', ')}`,
  user: 'Your user name there',
  take: 'Use this Pi',
  typeIt: 'Enter its address',
  none: 'Not here, or later',
  later: 'later',
} as const;
