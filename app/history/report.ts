import { joined, markup, type Markup } from '../markup.ts';
import { placeWords } from '../place.ts';
import { errorTable } from '../errors/error-table.ts';
import { boardStateTable, stateText } from '../errors/left-states.ts';
import { nextStep } from '../errors/next-step.ts';
import type { System } from '../system.ts';
import { partWords } from '../image/image-parts.ts';
import { uuidSourceWords } from '../boards/canbus-uuid-source.ts';
import type { RunImage, RunRecord, RunStatus } from './run-record.ts';
import { runStatusWords } from './run-status-words.ts';

interface ReportOptions {
  readonly runs: readonly RunRecord[];
  /** The subject of the report, in words: a session, a time. */
  readonly about: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Names of presets by id. */
  readonly presetNames: ReadonlyMap<string, string>;
  /** Of the computer that flashed. */
  readonly system: System;
  /** There were more runs than a page can hold. */
  readonly isCut: boolean;
}

/** A report of runs as one HTML page: it loads nothing, runs no script, and prints on A4 and Letter. Times are UTC. */
export function reportPage(options: ReportOptions): string {
  const { runs, about, madeAt, isCut } = options;
  const real = runs.some(({ virtual }) => virtual) ? ' Virtual boards are marked.' : '';
  const rows = runs.toReversed().map((run, index) => runRows(run, index + 1, options));
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Canopus report, ${about}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Flashing report</h1>
<p>${about}. Made ${clock(madeAt)} UTC; all times are UTC.${real}</p>
${isCut ? markup`<p class="bad">There were more runs: only the latest are here.</p>` : ''}
</header>
${summary(runs)}
<table>
<thead><tr><th>#</th><th>Started</th><th>Board</th><th>Chip UID / canbus_uuid</th><th>Written and read back</th>
<th>Took</th><th>Outcome</th></tr></thead>
<tbody>
${joined(rows, lineEnd)}
</tbody>
</table>
${imageList(runs)}
</body>
</html>
`.toString();
}

const lineEnd = markup`\n`;
const lineBreak = markup`<br>`;

function summary(runs: readonly RunRecord[]): Markup {
  const count = (status: RunStatus) => runs.filter((run) => run.status === status).length;
  const counts = (Object.keys(runStatusWords) as RunStatus[])
    .filter((status) => count(status) > 0)
    .map((status) => fact(runStatusWords[status], String(count(status)), status));
  const boards = new Set(runs.map(({ uid }) => uid).filter((uid) => uid !== null)).size;
  const operators = unique(runs.map(({ operator }) => operator));
  const took = runs
    .filter(({ status, endedAt }) => status === 'done' && endedAt !== null)
    .map((run) => durationMs(run))
    .sort((a, b) => a - b);
  const middle = took[Math.floor((took.length - 1) / 2)];
  return markup`<dl class="facts">${[
    fact('Runs', String(runs.length)),
    ...counts,
    fact('Boards', String(boards)),
    ...(middle === undefined ? [] : [fact('Median duration', duration(middle))]),
    ...(operators.length === 0 ? [] : [fact('Operator', operators.join(', '))]),
    ...[fact('Computer', unique(runs.map(({ host }) => host)).join(', '))],
  ]}</dl>`;
}

function fact(name: string, value: string, tone = ''): Markup {
  return markup`<div class="${tone}"><dt>${name}</dt><dd>${value}</dd></div>`;
}

function runRows(run: RunRecord, number: number, { presetNames, system }: ReportOptions): Markup {
  const preset = run.presetId === null ? 'not stated' : (presetNames.get(run.presetId) ?? run.presetId);
  const variant = run.variantId === null ? '' : ` ${run.variantId}`;
  const place = run.slot ?? placeWords(run.place);
  const images = run.images.filter(({ result }) => result === 'verified').map((image) => imageName(image));
  const written = run.state === 'restored' ? [`backup ${run.backupId ?? ''}`] : images;
  const source = run.canbusUuidSource === null ? null : uuidSourceWords[run.canbusUuidSource];
  const failure =
    run.error === null
      ? ''
      : markup`<tr class="why"><td></td><td colspan="6"><strong>${errorTable[run.error.code].title}</strong>:
${run.error.message}<br>${stateText(run.state, 'window')}<br>Next: ${nextStep(run.error.code, { surface: 'window', system })}
<code>${run.error.code}</code></td></tr>`;
  return markup`<tr class="${run.status}"><td>${number}</td><td>${clock(run.startedAt)}</td>
<td>${preset}${variant}<br><small>${place}${run.virtual ? ', virtual' : ''}</small></td>
<td><code>${run.uid ?? 'unknown'}</code><br><code>${run.canbusUuid ?? ''}</code>${source === null ? '' : markup` <small>${source}</small>`}</td>
<td>${written.length === 0 ? 'nothing' : joined(written, lineBreak)}</td>
<td>${run.endedAt === null ? '' : duration(durationMs(run))}</td>
<td class="outcome">${runStatusWords[run.status]}<br><small>${boardStateTable[run.state].title}</small></td></tr>${failure}`;
}

/** Every written image once, with its origin. */
function imageList(runs: readonly RunRecord[]): Markup {
  const images = new Map<string, RunImage>();
  for (const image of runs.flatMap((run) => run.images)) {
    if (image.result !== 'not-written') images.set(image.sha256, image);
  }
  if (images.size === 0) return markup``;
  const items = [...images.values()].map((image) => {
    const { build } = image;
    const from =
      build === null
        ? `from ${image.importedFrom ?? image.name}`
        : `built from ${build.source.location} at ${build.source.commit ?? 'no commit'}${build.source.dirty ? ' (changed)' : ''} with ${build.toolchain.identity}`;
    return markup`<li>${imageName(image)}, ${image.size} bytes, ${from}<br><code>sha256 ${image.sha256}</code></li>`;
  });
  return markup`<section><h2>Images</h2><ul>${joined(items, lineEnd)}</ul></section>`;
}

function imageName({ part, version, name }: RunImage): string {
  return `${partWords[part]} ${version ?? name}`;
}

function durationMs({ startedAt, endedAt }: RunRecord): number {
  return endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(startedAt);
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 100 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function clock(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

function unique(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))].sort();
}

const style = markup`
:root { color-scheme: light; font: 13px/1.45 system-ui, 'Segoe UI', 'Liberation Sans', sans-serif; color: #1d2127; }
body { max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; }
header p { margin: .1rem 0; color: #4a5260; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
.facts div { border: 1px solid #d5d9df; border-radius: 6px; padding: .35rem .7rem; }
.facts dt { font-size: .8rem; color: #4a5260; } .facts dd { margin: 0; font-weight: 600; }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; }
th { text-align: left; border-bottom: 2px solid #4a5260; padding: .3rem .5rem; }
td { vertical-align: top; border-bottom: 1px solid #d5d9df; padding: .35rem .5rem; }
tr { break-inside: avoid; }
tr:has(+ .why) { break-after: avoid; } tr:has(+ .why) td { border-bottom: 0; }
code { font: .92em ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', monospace; overflow-wrap: anywhere; }
small { color: #4a5260; }
.outcome { font-weight: 600; }
.done .outcome, .facts .done dd { color: #17663a; }
.failed .outcome, .interrupted .outcome, .facts .failed dd, .facts .interrupted dd, .bad { color: #a3261b; }
.why td { padding-top: 0; color: #4a5260; } .why strong { color: #a3261b; }
li { margin: .3rem 0; break-inside: avoid; }
@media print { body { max-width: none; margin: 0; padding: 0; font-size: 10px; } @page { margin: 12mm; } }
`;
