import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunFilter } from '../../app/history/run-filter.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { History } from '../../main/history/history.ts';
import { openDatabase } from '../../main/history/open-database.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { duration, median, printTable, type BenchRow } from './table.ts';

/** A history of 100,000 runs: opening, paging, filtering; and what the recording of one run costs. */

const runs = 100_000;
const folder = mkdtempSync(join(tmpdir(), 'canopus-history-bench-'));
const clock = { nowMs: () => performance.now() };
const asLoaded = async (name: string, bytes: Uint8Array) => ({
  name,
  bytes,
  info: await inspectImage(bytes),
});
const images = {
  bootloader: await asLoaded('katapult.bin', makeKatapultImage({ mcu: 'stm32f446xx' })),
  application: await asLoaded('klipper.bin', makeKlipperImage({ mcu: 'stm32f446xx' })),
};

function timed(work: () => unknown): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

const often = (work: () => unknown): number => median(Array.from({ length: 7 }, () => timed(work)));

async function recordOne(history: History): Promise<number> {
  const startMs = performance.now();
  const entry = history.recorder.begin({
    kind: 'flash-board',
    place: 'usb:1-4.2',
    slot: 'left',
    board: { presetId: 'btt-octopus-pro-1.1', variantId: 'f446' },
    images,
    operator: 'Ada',
    isVirtual: false,
  });
  entry.take({ type: 'step', step: 'install-katapult', place: 'usb:1-4.2' });
  for (const phase of ['connect', 'check', 'erase', 'write', 'verify', 'leave'] as const) {
    entry.take({ type: 'phase', phase, safeToStop: false });
  }
  entry.take({ type: 'step', step: 'install-klipper', place: 'usb:1-4.2' });
  for (const phase of ['connect', 'check', 'write', 'verify', 'leave'] as const) {
    entry.take({ type: 'phase', phase, safeToStop: false });
  }
  entry.done({ uid: '430014000A50534E4E313120' });
  await Promise.resolve();
  return performance.now() - startMs;
}

let history = await History.open({ folder, clock });
const recording: number[] = [];
for (let index = 0; index < 20; index++) recording.push(await recordOne(history));

// The rest as copies of the last one, with chips, times, people and outcomes of their own.
const database = openDatabase(join(folder, 'history.sqlite'));
const columns = database
  .prepare('select name from pragma_table_info(?)')
  .all('runs')
  .map((row) => String((row as { name: unknown }).name));
const own: Readonly<Record<string, string>> = {
  id: 'id + n * 20',
  started_at: "strftime('%Y-%m-%dT%H:%M:%fZ', '2026-01-01', '+' || ((n * 20 + id) * 97) || ' seconds')",
  uid: "printf('%024X', n * 20 + id)",
  operator: "case n % 5 when 0 then 'Ada' when 1 then 'Grace' else 'Linus' end",
  status: "case n % 40 when 0 then 'failed' else 'done' end",
  preset_id: "case n % 3 when 0 then 'fysetc-spider-2.2' else preset_id end",
  words: "lower(preset_id || ' ' || printf('%024x', n * 20 + id) || ' ada 1-4.2 v0.13.0-' || n)",
};
const numbers = `with recursive counting (n) as (select 1 union all select n + 1 from counting where n < ${runs / 20 - 1})`;
database.exec(`
  begin;
  ${numbers}
  insert into runs (${columns.join(', ')}) select ${columns.map((name) => own[name] ?? name).join(', ')}
    from counting, (select * from runs);
  ${numbers}
  insert into images select run_id + n * 20, target, result, name, sha256, size, mcu, version, source_commit,
    cache_key, origin, imported_from, build_id from counting, (select * from images);
  ${numbers}
  insert into erases select run_id + n * 20, address, size, times from counting, (select * from erases);
  commit;
`);
database.close();
history[Symbol.dispose]();

const openings: number[] = [];
for (let index = 0; index < 5; index++) {
  const startMs = performance.now();
  using opened = await History.open({ folder, clock });
  opened.page({}, 50);
  openings.push(performance.now() - startMs);
}
history = await History.open({ folder, clock });
const rows: BenchRow[] = [
  { what: 'one run recorded, begin to end, all of it forced to disk', measured: duration(median(recording)) },
  { what: 'opening it and showing the first page', measured: duration(median(openings)), aim: 'under 1 s' },
];
const filters: readonly (readonly [string, RunFilter])[] = [
  ['no filter', {}],
  ['text that occurs', { text: 'octopus v0.13.0-77' }],
  ['text that never occurs', { text: 'nowhere to be found' }],
  ['one chip', { uid: '000000000000000000000FFF' }],
  ['failed ones', { status: 'failed' }],
  ['an operator and a board', { operator: 'Grace', presetId: 'fysetc-spider-2.2' }],
  ['a slot and an image', { slot: 'left', image: images.application.info.sha256 }],
  ['nobody', { operator: 'Nobody' }],
  ['a day', { since: '2026-02-01T00:00:00.000Z', until: '2026-02-02T00:00:00.000Z' }],
];
const middle = history.page({}, 1, { startedAt: '2026-02-20T00:00:00.000Z', id: 0 }).next;
for (const [name, filter] of filters) {
  const page = often(() => history.page(filter, 50));
  const count = often(() => history.count(filter));
  rows.push({
    what: `filter and first page of 50: ${name} (${history.count(filter)} runs)`,
    measured: `${duration(page)}, counted in ${duration(count)}`,
    aim: 'under 100 ms',
  });
}
rows.push({
  what: 'a page in the middle',
  measured: duration(often(() => history.page({}, 50, middle))),
  aim: 'under 100 ms',
});
rows.push({
  what: 'the last page, by its place',
  measured: duration(often(() => history.slice({}, 100, runs - 100))),
  aim: 'under 100 ms',
});
rows.push({
  what: 'all there is to filter by',
  measured: duration(often(() => history.choices())),
  aim: 'under 100 ms',
});
rows.push({
  what: 'held images, as the cache asks for them',
  measured: duration(often(() => history.heldImages())),
});
rows.push({
  what: 'size on disk',
  measured: `${(statSync(join(folder, 'history.sqlite')).size / 1e6).toFixed(0)} MB`,
});
printTable(`History of ${runs.toLocaleString('en')} runs`, rows);
history[Symbol.dispose]();
rmSync(folder, { recursive: true });
