/** The paper for labels: one per page on a roll, or many on a sheet. All measures in millimetres. */
export interface LabelPaper {
  readonly id: string;
  readonly name: string;
  readonly page: { readonly widthMm: number; readonly heightMm: number };
  readonly label: { readonly widthMm: number; readonly heightMm: number };
  readonly columns: number;
  readonly rows: number;
  /** Between two labels; the block of all labels is centred on the page. */
  readonly gapXMm: number;
  readonly gapYMm: number;
}

function roll(widthMm: number, heightMm: number): LabelPaper {
  return {
    id: `${widthMm}x${heightMm}`,
    name: `Roll, ${widthMm} × ${heightMm} mm`,
    page: { widthMm, heightMm },
    label: { widthMm, heightMm },
    columns: 1,
    rows: 1,
    gapXMm: 0,
    gapYMm: 0,
  };
}

const a4 = { widthMm: 210, heightMm: 297 };
const letter = { widthMm: 215.9, heightMm: 279.4 };

/** Rolls for label printers first, then widely sold sheets, by the makers' own measures. */
export const labelPapers: readonly LabelPaper[] = [
  roll(62, 29),
  roll(50, 30),
  roll(40, 20),
  roll(54, 25),
  {
    id: 'a4-21',
    name: 'A4, 3 × 7 of 63.5 × 38.1 mm (L7160)',
    page: a4,
    label: { widthMm: 63.5, heightMm: 38.1 },
    ...{ columns: 3, rows: 7, gapXMm: 2.5, gapYMm: 0 },
  },
  {
    id: 'a4-65',
    name: 'A4, 5 × 13 of 38.1 × 21.2 mm (L7651)',
    page: a4,
    label: { widthMm: 38.1, heightMm: 21.2 },
    ...{ columns: 5, rows: 13, gapXMm: 2.5, gapYMm: 0 },
  },
  {
    id: 'a4-24',
    name: 'A4, 3 × 8 of 70 × 36 mm',
    page: a4,
    label: { widthMm: 70, heightMm: 36 },
    ...{ columns: 3, rows: 8, gapXMm: 0, gapYMm: 0 },
  },
  {
    id: 'letter-30',
    name: 'Letter, 3 × 10 of 2 5/8 × 1 in (5160)',
    page: letter,
    label: { widthMm: 66.675, heightMm: 25.4 },
    ...{ columns: 3, rows: 10, gapXMm: 3.175, gapYMm: 0 },
  },
];

/** Null for an unknown paper. */
export function findPaper(id: string): LabelPaper | null {
  return labelPapers.find((paper) => paper.id === id.toLowerCase()) ?? null;
}
