import { extname } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { CanopusError } from '../../../app/errors.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { findPaper, labelPapers } from '../../../app/labels/label-papers.ts';
import type { LabelContent, LabelPage } from '../../../app/labels/label-layout.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { factsOf } from './history-command.ts';
import { withDataOptions, type DataOptions } from './station-options.ts';
import { onStation } from './on-station.ts';

interface LabelOptions extends DataOptions {
  readonly uid: readonly string[];
  readonly out: string;
  readonly paper: string;
  readonly skip: number;
}

/** `canopus label`: a label with a QR code for boards in the history. */
export function registerLabel(program: Command, context: CliContext): void {
  withDataOptions(program.command('label'))
    .description('make labels with QR code, UUID, UID and versions, as PDF or SVG')
    .requiredOption('--uid <code>', "a board's UID or canbus_uuid; repeat for more boards", gather, [])
    .requiredOption('--out <file>', 'a .pdf or .svg file')
    .option('--paper <id>', labelPapers.map(({ id }) => id).join(', '), '62x29')
    .option('--skip <places>', 'number of labels already used on a sheet', parsePlaces, 0)
    .action((options: LabelOptions) =>
      onStation(context, options, (io, client) => makeLabels(io, client, options)),
    );
}

async function makeLabels(io: CliIo, client: StationClient, options: LabelOptions): Promise<CliReport> {
  const [{ layOutLabels }, { labelOf }, { writeFileAtomically }] = await Promise.all([
    import('../../../app/labels/label-layout.ts'),
    import('../../../app/labels/label-content.ts'),
    import('../../files/atomic-file.ts'),
  ]);
  const paper = findPaper(options.paper);
  if (paper === null) throw new CanopusError('usage/invalid', `There is no label paper "${options.paper}".`);
  const presets = await client.call('presets.list', null);
  const contents: LabelContent[] = [];
  for (const code of options.uid) {
    const facts = await factsOf(client, code, null);
    contents.push(labelOf(facts, presets.find(({ id }) => id === facts.presetId)?.name ?? null));
  }
  const pages = layOutLabels(contents, paper, options.skip);
  await writeFileAtomically(options.out, await encoded(pages, options.out));
  io.print(`${contents.length} ${contents.length === 1 ? 'label' : 'labels'} in ${options.out}.`);
  return { file: options.out, paper: paper.id, labels: contents.length, pages: pages.length };
}

async function encoded(pages: readonly LabelPage[], file: string): Promise<Uint8Array> {
  const type = extname(file).toLowerCase();
  if (type === '.pdf') {
    const { labelPdf } = await import('../../../app/labels/pdf.ts');
    return labelPdf(pages, 'Canopus labels');
  }
  const [page, ...more] = pages;
  if (type !== '.svg' || page === undefined) {
    throw new CanopusError('usage/invalid', `Labels can be .pdf or .svg, not "${type}".`, { file });
  }
  if (more.length > 0) {
    const message = `An SVG image is one page, these labels are ${pages.length}: take .pdf.`;
    throw new CanopusError('usage/invalid', message, { file, pages: pages.length });
  }
  const { labelSvg } = await import('../../../app/labels/svg.ts');
  return Buffer.from(labelSvg(page));
}

function gather(code: string, before: readonly string[]): readonly string[] {
  return [...before, code];
}

function parsePlaces(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('must be a number of places');
  return Number(text);
}
