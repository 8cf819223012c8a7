import { joined, markup, type Markup } from '../markup.ts';
import { textWidth, type Font } from './fonts.ts';
import type { LabelPage, Mark } from './label-layout.ts';

const families: Readonly<Record<Font, Markup>> = {
  plain: markup`font-family="Helvetica, Arial, 'Liberation Sans', sans-serif"`,
  bold: markup`font-family="Helvetica, Arial, 'Liberation Sans', sans-serif" font-weight="bold"`,
  mono: markup`font-family="Courier, 'Courier New', 'Liberation Mono', monospace"`,
  'mono-bold': markup`font-family="Courier, 'Courier New', 'Liberation Mono', monospace" font-weight="bold"`,
};

/** A page of labels as an SVG image of its true size. */
export function labelSvg({ widthMm, heightMm, marks }: LabelPage): string {
  const size = markup`width="${number(widthMm)}mm" height="${number(heightMm)}mm" viewBox="0 0 ${number(widthMm)} ${number(heightMm)}"`;
  const lines = [
    markup`<svg xmlns="http://www.w3.org/2000/svg" ${size}>`,
    markup`<rect width="100%" height="100%" fill="#fff"/>`,
    ...marks.map((mark) => element(mark)),
    markup`</svg>\n`,
  ];
  return joined(lines, markup`\n`).toString();
}

function element(mark: Mark): Markup {
  if (mark.type === 'rects') {
    const path = mark.rects.map(
      ({ x, y, width, height }) =>
        `M${number(x)} ${number(y)}h${number(width)}v${number(height)}h${number(-width)}z`,
    );
    return markup`<path d="${path.join('')}" fill="#000" shape-rendering="crispEdges"/>`;
  }
  const { text, x, y, size, font } = mark;
  // Whatever font is substituted, the text keeps the width of its layout.
  const width = markup`textLength="${number(textWidth(text, font) * size)}" lengthAdjust="spacingAndGlyphs"`;
  const place = markup`x="${number(x)}" y="${number(y)}" font-size="${number(size)}" ${families[font]} ${width}`;
  return markup`<text ${place} fill="#000">${text}</text>`;
}

/** Micrometres are enough, and the same on every machine. */
function number(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
