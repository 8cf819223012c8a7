import type { Font } from './fonts.ts';
import { fonts } from './fonts.ts';
import type { LabelPage, Mark } from './label-layout.ts';

const baseFonts: Readonly<Record<Font, string>> = {
  plain: 'Helvetica',
  bold: 'Helvetica-Bold',
  mono: 'Courier',
  'mono-bold': 'Courier-Bold',
};

const pointsPerMm = 72 / 25.4;

/**
 * Pages of labels as a PDF file: vectors and the core fonts, uncompressed, and the same bytes for the same labels. ISO
 * 32000-1: objects (7.3), file structure (7.5), text (9.4).
 */
export function labelPdf(pages: readonly LabelPage[], title: string): Uint8Array {
  const firstFont = 4;
  const firstPage = firstFont + fonts.length;
  const pageNumbers = pages.map((_, index) => firstPage + 2 * index);
  const resources = fonts.map((font, index) => `/${resourceName(font)} ${firstFont + index} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pageNumbers.map((page) => `${page} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    `<< /Title ${literal(title)} /Producer (Canopus) >>`,
    ...fonts.map(
      (font) => `<< /Type /Font /Subtype /Type1 /BaseFont /${baseFonts[font]} /Encoding /WinAnsiEncoding >>`,
    ),
    ...pages.flatMap((page, index) => {
      const content = page.marks.map((mark) => drawn(mark, page.heightMm)).join('\n');
      const box = `[0 0 ${points(page.widthMm)} ${points(page.heightMm)}]`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox ${box} /Resources << /Font << ${resources} >> >> ` +
          `/Contents ${firstPage + 2 * index + 1} 0 R >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
  ];
  return file(objects);
}

function file(objects: readonly string[]): Uint8Array {
  let text = '%PDF-1.4\n';
  const offsets: number[] = [];
  for (const [index, object] of objects.entries()) {
    offsets.push(text.length);
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
  }
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries.join('')}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 3 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  // Every character is one byte: characters missing in WinAnsi were replaced.
  return Uint8Array.from(text + table + trailer, (sign) => sign.charCodeAt(0));
}

function drawn(mark: Mark, heightMm: number): string {
  if (mark.type === 'rects') {
    const rects = mark.rects.map(({ x, y, width, height }) =>
      [x, heightMm - y - height, width, height].map(points).join(' ').concat(' re'),
    );
    return `0 g\n${rects.join('\n')}\nf`;
  }
  const { text, x, y, size, font } = mark;
  return `BT /${resourceName(font)} ${points(size)} Tf ${points(x)} ${points(heightMm - y)} Td ${literal(text)} Tj ET`;
}

function resourceName(font: Font): string {
  return `F${fonts.indexOf(font) + 1}`;
}

function points(mm: number): string {
  return String(Math.round(mm * pointsPerMm * 1000) / 1000);
}

/** A string object. Latin-1 letters are the same in WinAnsi; others become a question mark. */
function literal(text: string): string {
  const latin = text.replace(/[^\u0020-\u007e\u00a0-\u00ff]/g, '?');
  return `(${latin.replace(/[\\()]/g, (sign) => `\\${sign}`)})`;
}
