import { layOutLabels, type LabelContent, type LabelPage } from '../../../app/labels/label-layout.ts';
import { findPaper, labelPapers, type LabelPaper } from '../../../app/labels/label-papers.ts';
import { labelPdf } from '../../../app/labels/pdf.ts';
import { labelSvg } from '../../../app/labels/svg.ts';

const storedPaper = 'canopus.label-paper';
const defaultPaper = labelPapers[0];

/** Labels before printing: the paper, the first free place, and a preview. */
export class LabelsState {
  readonly contents: readonly LabelContent[];
  paperId = $state(localStorage.getItem(storedPaper) ?? '');
  /** Places of the first sheet that are already used. */
  skip = $state(0);

  constructor(contents: readonly LabelContent[]) {
    this.contents = contents;
  }

  get paper(): LabelPaper | undefined {
    return findPaper(this.paperId) ?? defaultPaper;
  }

  get isSheet(): boolean {
    return this.paper !== undefined && this.paper.columns * this.paper.rows > 1;
  }

  get pages(): readonly LabelPage[] {
    const { paper } = this;
    return paper === undefined
      ? []
      : layOutLabels(this.contents, paper, this.isSheet ? Math.max(0, this.skip) : 0);
  }

  /** The pages as pictures, for the preview and for printing. */
  get pictures(): readonly string[] {
    return this.pages.map((page) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(labelSvg(page))}`);
  }

  choosePaper(id: string): void {
    this.paperId = id;
    localStorage.setItem(storedPaper, id);
  }

  pdf(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(labelPdf(this.pages, 'Canopus labels'));
  }
}
