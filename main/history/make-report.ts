import type { Preset } from '../../app/boards/preset-schema.ts';
import { reportPage } from '../../app/history/report.ts';
import type { RunFilter } from '../../app/history/run-filter.ts';
import { hostPlatform } from '../devices/native-errors.ts';
import type { History } from './history.ts';

/** As many runs as a browser prints within a minute. */
const maxRuns = 2000;

/** A report of the matching runs, as one HTML page. */
export function makeReport(history: History, filter: RunFilter, presets: readonly Preset[]): string {
  const runs = [];
  let page = history.page(filter, 200);
  for (;;) {
    runs.push(...page.runs);
    if (page.next === null || runs.length >= maxRuns) break;
    page = history.page(filter, 200, page.next);
  }
  const { session, since, until } = filter;
  const times = [since === undefined ? '' : `from ${since}`, until === undefined ? '' : `until ${until}`];
  const about = session === undefined ? times.filter(Boolean).join(' ') || 'All runs' : `Session ${session}`;
  return reportPage({
    runs,
    about: about.replace('from', 'From'),
    madeAt: new Date().toISOString(),
    presetNames: new Map(presets.map(({ id, name }) => [id, name])),
    system: hostPlatform,
    isCut: page.next !== null,
  });
}
