const list = new Intl.ListFormat('en', { type: 'conjunction' });

export const joinNames = (names: readonly string[]): string => list.format(names);

/** "[mcu EBB] and [mcu bed]". */
export const nodeWords = (nodes: readonly { readonly name: string }[]): string =>
  joinNames(nodes.map(({ name }) => `[${name}]`));

/**
 * The bus as lines for a terminal: where its two resistors belong, and how to measure them. Without the order of the nodes
 * on the cable, which nothing shows.
 */
export const terminationDrawing: readonly string[] = [
  'CANH ──┬────────┬────────┬────────┬──',
  '      120 Ω    node     node    120 Ω',
  'CANL ──┴────────┴────────┴────────┴──',
  '    first                      last',
  'Power off, CANH to CANL: 60 Ω is right, 120 Ω is one resistor, 40 Ω is three.',
];
