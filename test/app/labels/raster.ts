import jsQR from 'jsqr';
import type { Rect } from '../../../app/labels/label-layout.ts';

/** What a scanner reads from black rectangles (in millimetres) on white, printed with so many dots a millimetre. */
export function scan(
  rects: readonly Rect[],
  page: { widthMm: number; heightMm: number },
  dotsPerMm = 12,
): string | null {
  const width = Math.round(page.widthMm * dotsPerMm);
  const height = Math.round(page.heightMm * dotsPerMm);
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (const rect of rects) {
    const [left, right] = [rect.x, rect.x + rect.width].map((mm) => Math.round(mm * dotsPerMm));
    const [top, bottom] = [rect.y, rect.y + rect.height].map((mm) => Math.round(mm * dotsPerMm));
    for (let y = top!; y < bottom!; y++) {
      for (let x = left!; x < right!; x++) pixels.fill(0, 4 * (y * width + x), 4 * (y * width + x) + 3);
    }
  }
  return jsQR(pixels, width, height)?.data ?? null;
}

/** The rectangles of an SVG label. */
export function rectsOfSvg(svg: string): Rect[] {
  const paths = [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, path]) => path ?? '').join('');
  const found = paths.matchAll(/M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z/g);
  return [...found].map((numbers) => {
    const [x = 0, y = 0, width = 0, height = 0] = numbers.slice(1).map(Number);
    return { x, y, width, height };
  });
}

/** The rectangles of one page of a PDF of labels, in millimetres from its upper left corner. */
export function rectsOfPdf(stream: string, heightMm: number): Rect[] {
  const found = stream.matchAll(/([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re/g);
  return [...found].map((numbers) => {
    const [x = 0, y = 0, width = 0, height = 0] = numbers
      .slice(1)
      .map((points) => (Number(points) * 25.4) / 72);
    return { x, y: heightMm - y - height, width, height };
  });
}
