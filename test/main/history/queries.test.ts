import { describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import type { RunCursor, RunFilter } from '../../../app/history/run-filter.ts';
import { runColumns } from '../../../app/history/run-columns.ts';
import { exportPart, type ExportFormat } from '../../../main/history/export-runs.ts';
import type { History } from '../../../main/history/history.ts';
import { makeReport } from '../../../main/history/make-report.ts';
import type { LoadedImage } from '../../../main/jobs/board-images.ts';
import { sample } from '../firmware/sample-record.ts';
import { imagesFor } from '../jobs/bench-run.ts';
import { HistoryBench, samplePlan } from './history-bench.ts';
import { uidOf } from './uid-of.ts';

/** Klipper as a station built it: with its sources. */
async function builtKlipper(version: string, commit: string): Promise<LoadedImage> {
  const { application: klipper } = await imagesFor();
  const { record } = await sample(1);
  const build = record.build!;
  const source = {
    ...build.source,
    location: 'https://github.com/Klipper3d/klipper',
    commit,
    version,
    dirty: false,
  };
  return {
    ...klipper,
    name: `klipper ${version}`,
    info: { ...klipper.info, version },
    record: { ...record, build: { ...build, target: 'klipper', source } },
  };
}

interface Run {
  readonly uid: string;
  readonly klipper?: LoadedImage;
  readonly operator?: string | null;
  readonly presetId?: string;
  readonly slot?: string;
  readonly end?: 'done' | CanopusError | null;
}

/** A whole run as it would be recorded, ended as said; null: it never ends. */
async function record(
  history: History,
  { uid, klipper, operator = 'Ada', presetId, slot, end = 'done' }: Run,
) {
  const plan = await samplePlan({ operator, uid });
  const entry = history.recorder.begin({
    ...plan,
    slot: slot ?? null,
    ...(presetId === undefined ? {} : { board: { presetId, variantId: 'f446' } }),
    images: { ...plan.images, application: klipper ?? plan.images.application },
  });
  entry.take({ type: 'step', step: 'install-katapult', place: 'usb:1-1' });
  entry.take({ type: 'phase', phase: 'erase', safeToStop: false });
  entry.take({ type: 'phase', phase: 'verify', safeToStop: false });
  entry.take({ type: 'progress', phase: 'verify', bytesDone: 9, bytesTotal: 9 });
  entry.take({ type: 'step', step: 'install-klipper', place: 'usb:1-1' });
  entry.take({ type: 'phase', phase: 'write', safeToStop: false });
  if (end instanceof CanopusError) entry.failed(end);
  if (end !== 'done') return;
  entry.take({ type: 'phase', phase: 'verify', safeToStop: false });
  entry.take({ type: 'progress', phase: 'verify', bytesDone: 9, bytesTotal: 9 });
  entry.done({ uid });
}

const unplugged = new CanopusError(
  'link/gone',
  'The cable, "pulled"\nin the middle',
  {},
  { state: 'katapult-partial' },
);

describe('a page of the history', () => {
  it('has the latest runs first, and the pages one after the other are all', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    for (let index = 0; index < 11; index++) await record(history, { uid: uidOf(index) });
    const ids: number[] = [];
    let after: RunCursor | null = null;
    do {
      const page = history.page({}, 4, after);
      ids.push(...page.runs.map(({ id }) => id));
      after = page.next;
    } while (after !== null);
    expect(ids).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(history.count({})).toBe(11);
    const places = [0, 4, 8].flatMap((offset) => history.slice({}, 4, offset).map(({ id }) => id));
    expect(places).toEqual(ids);
    expect(history.slice({ text: 'octopus' }, 4, 11)).toEqual([]);
  });

  it('has what fits the filter, and nothing else', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const klipper = await builtKlipper('v0.13.0-5-gabcdef12', 'abcdef12'.padEnd(40, '0'));
    await record(history, { uid: uidOf(1) });
    await record(history, { uid: uidOf(2), operator: 'Grace', presetId: 'fysetc-spider-2.2' });
    await record(history, { uid: uidOf(3), end: unplugged, slot: 'Left' });
    await record(history, { uid: uidOf(4), klipper, operator: null });
    await record(history, { uid: uidOf(5), end: null });
    const [, , third] = history.page({}, 10).runs;
    const found = (filter: RunFilter) => history.page(filter, 10).runs.map(({ id }) => id);
    expect(found({ uid: uidOf(2).toLowerCase() })).toEqual([2]);
    expect(found({ canbusUuid: third!.canbusUuid!.toUpperCase() })).toEqual([3]);
    expect(found({ status: 'failed' })).toEqual([3]);
    expect(found({ status: 'running' })).toEqual([5]);
    expect(found({ operator: 'Grace' })).toEqual([2]);
    expect(found({ presetId: 'fysetc-spider-2.2' })).toEqual([2]);
    expect(found({ text: 'SPIDER grace' })).toEqual([2]);
    expect(found({ text: 'link/gone' })).toEqual([3]);
    expect(found({ text: 'v0.13.0-5 abcdef1' })).toEqual([4]);
    expect(found({ text: `100%_'"` })).toEqual([]);
    expect(found({ since: third!.startedAt })).toEqual([5, 4, 3]);
    expect(found({ until: third!.startedAt })).toEqual([2, 1]);
    expect(found({ session: history.session })).toHaveLength(5);
    expect(found({ session: 'another' })).toEqual([]);
    expect(found({ slot: 'Left' })).toEqual([3]);
    expect(found({ slot: '1-1' })).toEqual([5, 4, 2, 1]);
    const [first] = history.page({}, 10).runs.at(-1)!.images;
    expect(found({ image: first!.sha256 })).toEqual([5, 4, 3, 2, 1]);
    expect(found({ image: '0'.repeat(64) })).toEqual([]);
    expect(history.choices()).toEqual({
      operators: ['Ada', 'Grace'],
      presetIds: ['btt-octopus-pro-1.1', 'fysetc-spider-2.2'],
      slots: ['1-1', 'Left'],
      images: [
        expect.objectContaining({ part: 'bootloader', sha256: first!.sha256 }),
        expect.objectContaining({ part: 'application' }),
      ],
    });
  });
});

describe('what a board is', () => {
  const commit = '1'.repeat(40);

  it('is found by UID and by UUID: images, versions, wear, and how to repeat it', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const klipper = await builtKlipper('v0.13.0-5-g11111111', commit);
    await record(history, { uid: uidOf(7) });
    await record(history, { uid: uidOf(7), klipper });
    await record(history, { uid: uidOf(8) });
    const none = new Set<string>();
    const facts = history.what(
      { uid: uidOf(7), canbusUuid: null },
      { against: 'v0.13.0-6-gfffffff', cached: none },
    )!;
    expect(facts).toMatchObject({
      uid: uidOf(7),
      presetId: 'btt-octopus-pro-1.1',
      runs: 2,
      disturbed: false,
      standing: 'older',
      application: { runId: 2, image: { version: 'v0.13.0-5-g11111111' } },
      bootloader: { runId: 2 },
      wear: { cycles: 4, endurance: 10_000 },
    });
    expect(
      history.what({ uid: null, canbusUuid: facts.canbusUuid }, { against: null, cached: none }),
    ).toEqual({
      ...facts,
      standing: null,
    });
    expect(facts.reflash.commands[0]).toContain(
      `--klipper build:https://github.com/Klipper3d/klipper@${commit} --crystal`,
    );
    const { key } = klipper.record!;
    const cached = history.what(
      { uid: uidOf(7), canbusUuid: null },
      { against: null, cached: new Set([key]) },
    )!;
    expect(cached.reflash.commands[0]).toContain(`--klipper cache:${key.slice(0, 12)}`);
    expect(cached.reflash.images).toBeNull();
    expect(history.what({ uid: uidOf(9), canbusUuid: null }, { against: null, cached: none })).toBeNull();
  });

  it('is doubtful when a later run was cut off while it wrote, until it is done again', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const look = () =>
      history.what({ uid: uidOf(7), canbusUuid: null }, { against: null, cached: new Set() })!;
    await record(history, { uid: uidOf(7) });
    await record(history, { uid: uidOf(7), end: unplugged });
    expect(look()).toMatchObject({ disturbed: true, application: { runId: 1 }, bootloader: { runId: 2 } });
    await record(history, { uid: uidOf(7) });
    expect(look()).toMatchObject({ disturbed: false, application: { runId: 3 } });
  });

  it('is doubtful when only Katapult was installed since: that erases the beginning of Klipper', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    await record(history, { uid: uidOf(7) });
    const { images, ...plan } = await samplePlan({ kind: 'install-katapult', uid: uidOf(7) });
    const entry = history.recorder.begin({ ...plan, images: { ...images, application: null } });
    entry.take({ type: 'phase', phase: 'erase', safeToStop: false });
    entry.take({ type: 'progress', phase: 'verify', bytesDone: 9, bytesTotal: 9 });
    entry.done({ uid: uidOf(7) });
    const facts = history.what(
      { uid: uidOf(7), canbusUuid: null },
      { against: null, cached: new Set<string>() },
    );
    expect(facts).toMatchObject({ disturbed: true, lastRun: { state: 'dfu-written' } });
  });
});

describe('the MCU of a run', () => {
  it('is what the images are for until the board says what it is', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const entry = history.recorder.begin(await samplePlan({ uid: uidOf(7) }));
    const mcu = (): string | null => history.page({}, 1).runs[0]!.mcu;
    expect(mcu()).toBe('stm32f446xx');
    entry.take({ type: 'target', mcu: null, bootloader: 'ST ROM DFU, 1024 KiB of flash' });
    expect(mcu()).toBe('stm32f446xx');
    entry.take({ type: 'target', mcu: 'stm32f407xx', bootloader: 'Katapult v0.0.1' });
    expect(mcu()).toBe('stm32f407xx');
  });
});

describe('an export', () => {
  async function whole(history: History, format: ExportFormat, filter: RunFilter = {}): Promise<string> {
    let text = '';
    let after: RunCursor | null = null;
    do {
      const part = exportPart(history, filter, format, after, 5);
      text += part.text;
      after = part.next;
    } while (after !== null);
    return Promise.resolve(text);
  }

  it('as CSV has one row a run under the same names, quoted where need be, and no formulas', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    await record(history, { uid: uidOf(1), operator: '=HYPERLINK("x")' });
    await record(history, { uid: uidOf(2), end: unplugged });
    const rows = parseCsv(await whole(history, 'csv'));
    expect(rows[0]).toEqual([...runColumns]);
    expect(rows).toHaveLength(3);
    const cell = (row: number, name: (typeof runColumns)[number]) => rows[row]![runColumns.indexOf(name)];
    expect([cell(1, 'uid'), cell(1, 'outcome'), cell(1, 'klipper_result')]).toEqual([
      uidOf(2),
      'failed',
      'partial',
    ]);
    expect(cell(1, 'error')).toBe('The cable, "pulled"\nin the middle');
    expect(cell(2, 'operator')).toBe(`'=HYPERLINK("x")`);
    expect(parseCsv(await whole(history, 'csv', { status: 'failed' }))).toHaveLength(2);
  });

  it('as JSON has everything of each run, in parts that together are one file', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    expect(JSON.parse(await whole(history, 'json'))).toEqual([]);
    const plan = await samplePlan();
    for (let index = 0; index < 13; index++) history.recorder.begin(plan).done({ uid: uidOf(index) });
    const runs = JSON.parse(await whole(history, 'json')) as { id: number }[];
    expect(runs.map(({ id }) => id)).toEqual(Array.from({ length: 13 }, (_, index) => 13 - index));
    expect(runs[12]).toEqual(history.get(1));
    expect(parseCsv(await whole(history, 'csv'))).toHaveLength(14);
  });
});

describe('a report', () => {
  it('is one page with every run of its filter, with nothing to fetch and nothing of a text taken for markup', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    await record(history, { uid: uidOf(1), operator: '<script>alert(1)</script>' });
    await record(history, { uid: uidOf(2), end: unplugged });
    const html = makeReport(history, { session: history.session }, []);
    expect(html).toContain(uidOf(1));
    expect(html).toContain('The device was unplugged');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/<script|<link|<img|src=|href=|url\(/);
    expect(html).toContain("default-src 'none'");
  });
});

/** RFC 4180, as a table program reads it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, cell = '', end] of text.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/g)) {
    const plain = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
    rows.at(-1)!.push(plain);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}
