import { textWidth, type Font } from './fonts.ts';
import type { LabelPage, Mark } from './label-layout.ts';

const families: Readonly<Record<Font, string>> = {
  plain: 'font-family="Helvetica, Arial, \'Liberation Sans\', sans-serif"',
  bold: 'font-family="Helvetica, Arial, \'Liberation Sans\', sans-serif" font-weight="bold"',
  mono: "font-family=\"Courier, 'Courier New', 'Liberation Mono', monospace\"",
  'mono-bold': 'font-family="Courier, \'Courier New\', \'Liberation Mono\', monospace" font-weight="bold"',
};

/** A page of labels as an SVG image of its true size. */
export function labelSvg({ widthMm, heightMm, marks }: LabelPage): string {
  const size = `width="${number(widthMm)}mm" height="${number(heightMm)}mm" viewBox="0 0 ${number(widthMm)} ${number(heightMm)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size}>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...marks.map((mark) => element(mark)),
    '</svg>\n',
  ].join('\n');
}

function element(mark: Mark): string {
  if (mark.type === 'rects') {
    const path = mark.rects.map(
      ({ x, y, width, height }) =>
        `M${number(x)} ${number(y)}h${number(width)}v${number(height)}h${number(-width)}z`,
    );
    return `<path d="${path.join('')}" fill="#000" shape-rendering="crispEdges"/>`;
  }
  const { text, x, y, size, font } = mark;
  // Whatever font is substituted, the text keeps the width of its layout.
  const width = `textLength="${number(textWidth(text, font) * size)}" lengthAdjust="spacingAndGlyphs"`;
  const place = `x="${number(x)}" y="${number(y)}" font-size="${number(size)}" ${families[font]} ${width}`;
  return `<text ${place} fill="#000">${escaped(text)}</text>`;
}

/** Micrometres are enough, and the same on every machine. */
function number(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
