import { encode } from 'uqr';
import type { CanbusUuidSource } from '../boards/canbus-uuid-source.ts';
import { boardCodeText } from '../history/board-code.ts';
import { uuidSourceWords } from '../boards/canbus-uuid-source.ts';
import { fitted, textWidth, type Font } from './fonts.ts';
import type { LabelPaper } from './label-papers.ts';

/** The content of one board's label. */
export interface LabelContent {
  readonly uid: string;
  readonly canbusUuid: string;
  /** Null if it was not recorded. */
  readonly canbusUuidSource: CanbusUuidSource | null;
  /** The board's name, `BTT Octopus Pro`; null if unknown. */
  readonly board: string | null;
  /** More lines, the most important one first: as many as fit. */
  readonly lines: readonly string[];
}

/** A black shape on a page; millimetres from the upper left corner, y downwards. */
export type Mark =
  | { readonly type: 'rects'; readonly rects: readonly Rect[] }
  | {
      readonly type: 'text';
      readonly text: string;
      readonly x: number;
      /** Of the base line. */
      readonly y: number;
      /** Em, in millimetres. */
      readonly size: number;
      readonly font: Font;
    };

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LabelPage {
  readonly widthMm: number;
  readonly heightMm: number;
  readonly marks: readonly Mark[];
}

/** ISO/IEC 18004 asks for four modules of white around a code. */
const quietModules = 4;
/** A larger code is no easier to read. */
const maxCodeMm = 26;
const largestTextMm = 3.6;
const smallestTextMm = 1.5;

/**
 * Labels on pages: the code on the left, the board's identity beside it. On sheets the first `skip` places are left
 * free, for labels that were already peeled off.
 */
export function layOutLabels(
  contents: readonly LabelContent[],
  paper: LabelPaper,
  skip = 0,
): readonly LabelPage[] {
  const perPage = paper.columns * paper.rows;
  // Sheets on which all places are skipped are not printed.
  const free = skip % perPage;
  const pages: { widthMm: number; heightMm: number; marks: Mark[] }[] = [];
  for (const [index, content] of contents.entries()) {
    const place = free + index;
    const page = (pages[Math.floor(place / perPage)] ??= { ...paper.page, marks: [] });
    page.marks.push(...placed(labelMarks(content, paper.label), origin(paper, place % perPage)));
  }
  return pages;
}

function origin({ page, label, columns, rows, gapXMm, gapYMm }: LabelPaper, place: number) {
  const pitchX = label.widthMm + gapXMm;
  const pitchY = label.heightMm + gapYMm;
  return {
    x: (page.widthMm - (columns * pitchX - gapXMm)) / 2 + (place % columns) * pitchX,
    y: (page.heightMm - (rows * pitchY - gapYMm)) / 2 + Math.floor(place / columns) * pitchY,
  };
}

function placed(marks: readonly Mark[], { x, y }: { x: number; y: number }): readonly Mark[] {
  return marks.map((mark) =>
    mark.type === 'text'
      ? { ...mark, x: mark.x + x, y: mark.y + y }
      : { ...mark, rects: mark.rects.map((rect) => ({ ...rect, x: rect.x + x, y: rect.y + y })) },
  );
}

function labelMarks(content: LabelContent, { widthMm, heightMm }: LabelPaper['label']): readonly Mark[] {
  const { data, size: modules } = encode(boardCodeText(content), { ecc: 'M', border: 0 });
  const withQuiet = Math.min(heightMm, maxCodeMm, widthMm * 0.55);
  const module = withQuiet / (modules + 2 * quietModules);
  const left = quietModules * module;
  const top = (heightMm - modules * module) / 2;
  const rects = data.flatMap((row, y) =>
    runsOf(row).map(({ start, length }) => ({
      x: left + start * module,
      y: top + y * module,
      width: length * module,
      height: module,
    })),
  );
  const x = withQuiet + 0.3;
  return [
    { type: 'rects', rects },
    ...textMarks(content, { x, width: widthMm - x - 1.2, heightMm, marginMm: Math.min(2, left) }),
  ];
}

/** Adjacent dark modules as one rectangle: no hairlines between them in print. */
function runsOf(row: readonly boolean[]): { start: number; length: number }[] {
  const runs: { start: number; length: number }[] = [];
  row.forEach((isDark, index) => {
    const last = runs.at(-1);
    if (isDark && last !== undefined && last.start + last.length === index) last.length += 1;
    else if (isDark) runs.push({ start: index, length: 1 });
  });
  return runs;
}

interface TextArea {
  readonly x: number;
  readonly width: number;
  readonly heightMm: number;
  readonly marginMm: number;
}

function textMarks(content: LabelContent, { x, width, heightMm, marginMm }: TextArea): readonly Mark[] {
  const { uid, canbusUuid, canbusUuidSource, board, lines } = content;
  const source = canbusUuidSource === null ? null : uuidSourceWords[canbusUuidSource];
  const wide = (text: string, font: Font, most: number): number =>
    Math.min(most, width / textWidth(text, font));
  const uuidSize = wide(canbusUuid, 'mono-bold', largestTextMm);
  const uidSize = Math.max(smallestTextMm, wide(uid.slice(0, 12), 'mono', 2.2));
  const plainSize = Math.max(smallestTextMm, Math.min(2.2, heightMm / 12));
  const boardSize = (text: string): number => Math.max(smallestTextMm, wide(text, 'bold', plainSize * 1.15));
  const fitsInOne = textWidth(uid, 'mono') * uidSize <= width;
  const uidLines = fitsInOne ? [uid] : [uid.slice(0, 12), uid.slice(12)];
  const wanted: { text: string; font: Font; size: number }[] = [
    ...(board === null ? [] : [{ text: board, font: 'bold' as const, size: boardSize(board) }]),
    { text: canbusUuid, font: 'mono-bold', size: uuidSize },
    ...(source === null ? [] : [{ text: source, font: 'plain' as const, size: smallestTextMm }]),
    ...uidLines.map((text) => ({ text, font: 'mono' as const, size: uidSize })),
    ...lines.map((text) => ({ text, font: 'plain' as const, size: plainSize })),
  ];
  const marks: Mark[] = [];
  const height = (size: number): number => size * 1.25;
  let y = 0;
  for (const { text, font, size } of wanted) {
    if (y + height(size) > heightMm - 2 * marginMm) break;
    y += height(size);
    marks.push({ type: 'text', text: fitted(text, font, size, width), x, y, size, font });
  }
  // The block of lines is centred in the label's height; a base line is a quarter above a line's end.
  const first = (heightMm - y) / 2;
  return marks.map((mark) =>
    mark.type === 'text' ? { ...mark, y: mark.y + first - mark.size * 0.28 } : mark,
  );
}
