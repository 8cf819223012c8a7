import type { RunCursor, RunFilter } from '../../../app/history/run-filter.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { saveFile } from '../../ui/save-file.ts';

export type HistoryFormat = 'csv' | 'json' | 'report';

const types: Readonly<Record<HistoryFormat, string>> = {
  csv: 'text/csv;charset=utf-8',
  json: 'application/json',
  report: 'text/html;charset=utf-8',
};

/**
 * Saves all matching runs in a file: through the host if it can save files, or else as a download. Returns
 * its path, or null if unknown.
 */
export async function exportHistory(
  client: StationClient,
  filter: RunFilter,
  format: HistoryFormat,
  canChooseFolder: boolean,
): Promise<string | null> {
  if (canChooseFolder) return (await client.call('history.save', { filter, format }))?.path ?? null;
  const parts = format === 'report' ? [(await client.call('history.report', { filter })).html] : [];
  for (let after: RunCursor | null | undefined; format !== 'report' && after !== null;) {
    const part: { text: string; next: RunCursor | null } = await client.call('history.export', {
      filter,
      format,
      after: after ?? null,
    });
    parts.push(part.text);
    after = part.next;
  }
  const name = `canopus-history-${new Date().toISOString().slice(0, 10)}.${format === 'report' ? 'html' : format}`;
  saveFile(new Blob(parts, { type: types[format] }), name);
  return null;
}
