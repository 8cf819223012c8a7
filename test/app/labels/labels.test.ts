import { describe, expect, it } from 'vitest';
import { parseBoardCode } from '../../../app/history/board-code.ts';
import { fitted, textWidth } from '../../../app/labels/fonts.ts';
import { layOutLabels, type LabelContent, type LabelPage } from '../../../app/labels/label-layout.ts';
import { findPaper, labelPapers, type LabelPaper } from '../../../app/labels/label-papers.ts';
import { labelPdf } from '../../../app/labels/pdf.ts';
import { labelSvg } from '../../../app/labels/svg.ts';
import { canbusUuid } from '../../../app/boards/canbus-uuid.ts';
import { rectsOfPdf, rectsOfSvg, scan } from './raster.ts';

const uid = '430014000A50534E4E313120';

function content(more: Partial<LabelContent> = {}): LabelContent {
  const chip = more.uid ?? uid;
  return {
    uid: chip,
    canbusUuid: canbusUuid(chip),
    canbusUuidSource: 'confirmed',
    board: 'BTT Octopus Pro v1.1',
    lines: ['Klipper v0.13.0-123-g0a1b2c3d', 'Katapult v0.0.1-110-gb0bf421', '2026-05-04'],
    ...more,
  };
}

const many = (count: number): LabelContent[] =>
  Array.from({ length: count }, (_, index) =>
    content({ uid: (index + 1).toString(16).toUpperCase().padStart(24, '0') }),
  );

const inside = (page: LabelPage): boolean =>
  page.marks.every((mark) => {
    const boxes =
      mark.type === 'rects'
        ? mark.rects
        : [
            {
              x: mark.x,
              y: mark.y - mark.size,
              width: textWidth(mark.text, mark.font) * mark.size,
              height: mark.size,
            },
          ];
    return boxes.every(
      ({ x, y, width, height }) =>
        x >= 0 && y >= 0 && x + width <= page.widthMm + 0.01 && y + height <= page.heightMm + 0.01,
    );
  });

const streamsOf = (pdf: Uint8Array): string[] =>
  [
    ...Buffer.from(pdf)
      .toString('latin1')
      .matchAll(/stream\n([\s\S]*?)\nendstream/g),
  ].map(([, text]) => text ?? '');

describe.each(labelPapers.map((paper): [string, LabelPaper] => [paper.name, paper]))(
  'a label on %s',
  (_, paper) => {
    const single = { ...paper, page: paper.label, columns: 1, rows: 1 };

    it('has a code that leads back to the board, in SVG and PDF, at the 203 dpi of a label printer', () => {
      const [page] = layOutLabels([content()], single);
      for (const rects of [
        rectsOfSvg(labelSvg(page!)),
        rectsOfPdf(streamsOf(labelPdf([page!], 'one'))[0]!, page!.heightMm),
      ]) {
        expect(parseBoardCode(scan(rects, page!, 8) ?? '')).toEqual({ uid, canbusUuid: '6beb0175188a' });
      }
    });

    it('shows UUID and UID in letters too, and stays on the label', () => {
      const [page] = layOutLabels(
        [content({ board: 'A board with a name that is far too long for any label' })],
        single,
      );
      const texts = page!.marks.flatMap((mark) => (mark.type === 'text' ? [mark.text] : []));
      expect(texts).toContain('6beb0175188a');
      expect(texts.join('')).toContain(uid);
      expect(inside(page!)).toBe(true);
    });

    it('marks a UUID that was only computed, with UUID and UID still on it', () => {
      const textsOf = (canbusUuidSource: 'computed' | null): string[] =>
        layOutLabels([content({ canbusUuidSource })], single)[0]!.marks.flatMap((mark) =>
          mark.type === 'text' ? [mark.text] : [],
        );
      const texts = textsOf('computed');
      expect(texts).toEqual(expect.arrayContaining(['6beb0175188a', 'computed']));
      expect(texts.join('')).toContain(uid);
      expect(textsOf(null)).not.toContain('computed');
    });

    it('is one of as many as there are, none on top of another', () => {
      const perPage = paper.columns * paper.rows;
      const pages = layOutLabels(many(perPage + 1), paper);
      expect(pages).toHaveLength(2);
      expect(pages.every(inside)).toBe(true);
      const codes = pages[0]!.marks.flatMap((mark) => (mark.type === 'rects' ? [mark.rects] : []));
      expect(codes).toHaveLength(perPage);
      const corners = codes.map(([first]) => `${first!.x.toFixed(1)} ${first!.y.toFixed(1)}`);
      expect(new Set(corners).size).toBe(perPage);
    });
  },
);

describe('a sheet', () => {
  it('leaves places free that were peeled off before', () => {
    const paper = findPaper('a4-21')!;
    const places = paper.columns * paper.rows;
    const first = (skip: number): number => {
      const [mark] = layOutLabels([content()], paper, skip)[0]!.marks;
      return mark!.type === 'rects' ? mark!.rects[0]!.x : -1;
    };
    expect(first(1) - first(0)).toBeCloseTo(66);
    expect(first(places)).toBeCloseTo(first(0));
    expect(layOutLabels(many(2), paper, places - 1)).toHaveLength(2);
  });
});

describe('a PDF of labels', () => {
  it('has a table of objects that is right to the byte, and is the same file each time', () => {
    const pages = layOutLabels(many(3), findPaper('62x29')!);
    const pdf = labelPdf(pages, 'Labels (three)');
    expect(labelPdf(pages, 'Labels (three)')).toEqual(pdf);
    const text = Buffer.from(pdf).toString('latin1');
    const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
    const [, count, entries] = /^xref\n0 (\d+)\n([\s\S]*?)trailer/.exec(text.slice(start))!;
    const offsets = entries!.match(/\d{10} \d{5} [nf] \n/g)!.map((entry) => Number(entry.slice(0, 10)));
    expect(offsets).toHaveLength(Number(count));
    offsets.slice(1).forEach((offset, index) => {
      expect(text.slice(offset).startsWith(`${index + 1} 0 obj\n`)).toBe(true);
    });
    for (const [, length, stream] of text.matchAll(/\/Length (\d+) >>\nstream\n([\s\S]*?)\nendstream/g)) {
      expect(stream).toHaveLength(Number(length));
    }
    expect(text).toContain('/Title (Labels \\(three\\))');
  });

  it('keeps accented letters and replaces what the core fonts have not', () => {
    const [page] = layOutLabels([content({ board: 'Gerät (für Łukasz) \\' })], findPaper('62x29')!);
    expect(streamsOf(labelPdf([page!], ''))[0]).toContain('(Gerät \\(für ?ukasz\\) \\\\) Tj');
  });
});

describe('an SVG of a label', () => {
  it('is of its true size and has nothing in it that could be markup', () => {
    const [page] = layOutLabels([content({ board: '<b>&"' })], findPaper('50x30')!);
    const svg = labelSvg(page!);
    expect(svg).toContain('width="50mm" height="30mm" viewBox="0 0 50 30"');
    expect(svg).toContain('&lt;b&gt;&amp;&quot;');
  });
});

describe('fitted', () => {
  it('cuts a text to the width that there is', () => {
    expect(fitted('Octopus', 'plain', 2, 100)).toBe('Octopus');
    const cut = fitted('Octopus Pro', 'bold', 2, 10);
    expect(cut).toMatch(/^Oct.*\.\.\.$/);
    expect(textWidth(cut, 'bold') * 2).toBeLessThanOrEqual(10);
  });
});
