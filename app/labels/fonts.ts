/** Four of the fonts that every PDF reader has (ISO 32000-1, 9.6.2.2), and their replacements in SVG. */
export const fonts = ['plain', 'bold', 'mono', 'mono-bold'] as const;

export type Font = (typeof fonts)[number];

/** Advance widths of the printable ASCII characters in 1/1000 em, from space on: Adobe's metrics of the core fonts. */
const helvetica = [
  ...[278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278],
  ...[556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556],
  ...[1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778],
  ...[667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556],
  ...[333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556],
  ...[556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584],
];
const helveticaBold = [
  ...[278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278],
  ...[556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611],
  ...[975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778],
  ...[667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556],
  ...[333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611],
  ...[611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584],
];
/** All of Courier; also used for accented letters, which is about right. */
const courier = 600;
const otherLetters = 600;

/** Width of a text at a size of 1, in the same unit. */
export function textWidth(text: string, font: Font): number {
  const isMono = font === 'mono' || font === 'mono-bold';
  const widths = font === 'bold' ? helveticaBold : helvetica;
  let sum = 0;
  for (const sign of text) {
    sum += isMono ? courier : (widths[(sign.codePointAt(0) ?? 0) - 0x20] ?? otherLetters);
  }
  return sum / 1000;
}

/** The text, shortened with an ellipsis if it would be wider than `width` at this size. */
export function fitted(text: string, font: Font, size: number, width: number): string {
  if (textWidth(text, font) * size <= width) return text;
  let cut = text;
  while (cut.length > 1 && textWidth(`${cut}...`, font) * size > width) cut = cut.slice(0, -1);
  return `${cut}...`;
}
