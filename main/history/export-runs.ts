import { safeJson, safeLines } from '../../app/safe-text.ts';
import { stringify } from 'csv-stringify/sync';
import type { RunCursor, RunFilter } from '../../app/history/run-filter.ts';
import { runColumns, runRow } from '../../app/history/run-columns.ts';
import type { RunRecord } from '../../app/history/run-record.ts';
import type { History } from './history.ts';

/** `csv`: RFC 4180, one line per run. `json`: an array of runs with every detail. */
export type ExportFormat = 'csv' | 'json';

interface ExportPart {
  readonly text: string;
  /** Where the next part begins; null after the last one. */
  readonly next: RunCursor | null;
}

/** Runs in one part: some 300 KB of CSV, 1 MB of JSON. */
const defaultRunsInPart = 500;

/**
 * A part of a file with all matching runs, newest first; all parts in order make the file. A part is made only on
 * request, so a file of any size needs the memory of one.
 */
export function exportPart(
  history: History,
  filter: RunFilter,
  format: ExportFormat,
  after: RunCursor | null,
  runsInPart = defaultRunsInPart,
): ExportPart {
  const { runs, next } = history.page(filter, runsInPart, after);
  const text = format === 'csv' ? csv(runs, after === null) : json(runs, after === null, next === null);
  return { text, next };
}

function csv(runs: readonly RunRecord[], isFirst: boolean): string {
  return stringify(
    runs.map((run) => runRow(run)),
    {
      columns: [...runColumns],
      header: isFirst,
      record_delimiter: 'windows',
      quote_record_delimiter: true,
      // A spreadsheet takes a cell that begins like this for a formula.
      escape_formulas: true,
      cast: { string: (cell) => safeLines(cell) },
    },
  );
}

function json(runs: readonly RunRecord[], isFirst: boolean, isLast: boolean): string {
  const items = runs.map((run) => safeJson(run)).join(',\n');
  const before = isFirst ? '[\n' : items === '' ? '' : ',\n';
  return `${before}${items}${isLast ? '\n]\n' : ''}`;
}
