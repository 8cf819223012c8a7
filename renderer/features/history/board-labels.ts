import type { PresetView, RunView, StationClient } from '../../../app/contract/station-contract.ts';
import type { RunFilter } from '../../../app/history/run-filter.ts';
import { labelOfRun } from '../../../app/labels/label-content.ts';
import type { LabelContent } from '../../../app/labels/label-layout.ts';

const pageSize = 200;
/** Enough for one print; a filter gives the rest. */
const maxLabels = 500;

/** One label per board: from its latest matching run that is done. */
export async function labelsOfRuns(
  client: StationClient,
  filter: RunFilter,
  presets: readonly PresetView[],
): Promise<readonly LabelContent[]> {
  const found = new Map<string, LabelContent>();
  if (filter.status !== undefined && filter.status !== 'done') return [];
  for (let offset = 0; found.size < maxLabels; offset += pageSize) {
    const { runs } = await client.call('history.page', {
      filter: { ...filter, status: 'done' },
      limit: pageSize,
      offset,
    });
    for (const run of runs) {
      const label = labelOf(run, presets);
      if (label !== null && !found.has(label.uid)) found.set(label.uid, label);
    }
    if (runs.length < pageSize) break;
  }
  return [...found.values()].slice(0, maxLabels);
}

/** The label for a run's board; null if the chip's UID is unknown. */
export function labelOf(run: RunView, presets: readonly PresetView[]): LabelContent | null {
  return labelOfRun(run, presets.find(({ id }) => id === run.presetId)?.name ?? null);
}
