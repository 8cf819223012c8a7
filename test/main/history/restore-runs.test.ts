import { chipNames } from '../../../app/boards/chip-identity.ts';
import { describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import type { BoardFacts } from '../../../app/history/board-facts.ts';
import { reportPage } from '../../../app/history/report.ts';
import { runRow } from '../../../app/history/run-columns.ts';
import type { History } from '../../../main/history/history.ts';
import type { RunEntry } from '../../../main/jobs/run-recorder.ts';
import { klipperOn } from '../../../main/station/bench/bench-history.ts';
import { HistoryBench, samplePlan } from './history-bench.ts';
import { uidOf } from './uid-of.ts';

const uid = uidOf(7);
const backupId = '20261126-101530-3fa2';
const sectors = [
  { address: 0x08000000, size: 0x4000 },
  { address: 0x08020000, size: 0x20000 },
];

function what(history: History): BoardFacts {
  return history.what({ uid, canbusUuid: null }, { against: null, cached: new Set<string>() })!;
}

/** A board that went from DFU to its bridge, with its old flash kept. */
async function flashed(history: History): Promise<void> {
  const entry = history.recorder.begin(await samplePlan());
  const say = entry.take.bind(entry);
  say({ type: 'step', step: 'install-katapult', place: 'usb:1-1' });
  say({ type: 'backup', backupId });
  for (const step of ['install-katapult', 'install-klipper'] as const) {
    say({ type: 'step', step, place: 'usb:1-1' });
    say({ type: 'phase', phase: 'erase', safeToStop: false });
    say({ type: 'phase', phase: 'write', safeToStop: false });
    say({ type: 'phase', phase: 'verify', safeToStop: false });
    say({ type: 'progress', phase: 'verify', bytesDone: 9, bytesTotal: 9 });
  }
  entry.done({ uid });
}

function beginRestore(history: History): RunEntry {
  return history.recorder.begin({
    kind: 'restore',
    place: 'usb:1-1',
    board: null,
    images: { bootloader: null, application: null },
    operator: null,
    isVirtual: false,
    backupId,
  });
}

/** A restore up to where its last byte is read back. */
function goOn(entry: RunEntry): void {
  entry.take({ type: 'step', step: 'restore', place: 'usb:1-1' });
  entry.take({ type: 'phase', phase: 'check', safeToStop: true });
  entry.take({ type: 'seen', mode: 'dfu', place: 'usb:1-1', ...chipNames(uid), tty: null });
  entry.take({ type: 'erasing', sectors });
  entry.take({ type: 'phase', phase: 'erase', safeToStop: false });
}

function prove(entry: RunEntry): void {
  entry.take({ type: 'phase', phase: 'verify', safeToStop: false });
  entry.take({ type: 'progress', phase: 'verify', bytesDone: 9, bytesTotal: 9 });
}

describe('a restore in the history', () => {
  it('is written down with its backup, state and wear; what was written before is on the board no more', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    await flashed(history);
    expect(history.get(1)).toMatchObject({ kind: 'flash-board', backupId });
    const entry = beginRestore(history);
    goOn(entry);
    expect(history.get(2)).toMatchObject({ state: 'dfu-partial', uid, backupId, step: 'restore' });
    expect(what(history)).toMatchObject({
      disturbed: true,
      restored: null,
      application: null,
      bootloader: null,
    });
    prove(entry);
    entry.done({ uid });
    const run = history.get(2);
    expect(run).toMatchObject({ kind: 'restore', status: 'done', state: 'restored', backupId, images: [] });
    expect(what(history)).toMatchObject({
      disturbed: false,
      restored: { runId: 2, at: run.updatedAt, backupId },
      application: null,
      bootloader: null,
      reflash: { commands: [] },
    });
    expect(history.wear(uid).sectors).toEqual([
      { start: 0x08000000, size: 0x4000, times: 2 },
      ...[{ start: 0x08008000, size: 0x4000, times: expect.any(Number) as number }],
      ...history.wear(uid).sectors.filter(({ start }) => start > 0x08008000),
    ]);
    expect(history.wear(uid).sectors.find(({ start }) => start === 0x08020000)?.times).toBe(1);
    expect(history.page({ text: backupId }, 10).runs.map(({ id }) => id)).toEqual([2, 1]);
  });

  it('is named with its backup in CSV and in a report', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const entry = beginRestore(history);
    goOn(entry);
    prove(entry);
    entry.done({ uid });
    const run = history.get(1);
    expect(runRow(run)).toMatchObject({ kind: 'restore', left_as: 'restored', backup: backupId });
    const options = { about: 'today', madeAt: run.startedAt, presetNames: new Map<string, string>() };
    const page = reportPage({ ...options, runs: [run], isCut: false, system: 'linux' });
    expect(page).toContain(`<td>backup ${backupId}</td>`);
  });

  it('makes no Klipper of the past one that the bench takes for done', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const access = {
      recorder: history.recorder,
      heldImages: () => Promise.resolve(history.heldImages()),
      trouble: null,
      open: () => history,
      [Symbol.dispose]: () => undefined,
    };
    await flashed(history);
    expect(klipperOn(access, uid)).not.toBeNull();
    const entry = beginRestore(history);
    goOn(entry);
    expect(klipperOn(access, uid)).toBeNull();
    prove(entry);
    entry.done({ uid });
    expect(klipperOn(access, uid)).toBeNull();
    await flashed(history);
    expect(klipperOn(access, uid)).not.toBeNull();
    expect(what(history)).toMatchObject({
      restored: null,
      application: { runId: 3 },
      bootloader: { runId: 3 },
    });
  });

  it('that was refused has changed nothing', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    await flashed(history);
    const entry = beginRestore(history);
    entry.take({ type: 'step', step: 'restore', place: 'usb:1-1' });
    entry.failed(new CanopusError('backup/wrong-chip', 'another', {}, { state: 'untouched' }));
    expect(history.get(2)).toMatchObject({ status: 'failed', state: 'untouched', uid: null });
    expect(what(history)).toMatchObject({ restored: null, disturbed: false, application: { runId: 1 } });
  });

  it('that was refused at its first erase has worn nothing', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const entry = beginRestore(history);
    goOn(entry);
    entry.failed(new CanopusError('dfu/read-protected', 'refused', {}, { state: 'untouched' }));
    expect(history.get(1).state).toBe('untouched');
    expect(history.wear(uid).cycles).toBe(0);
  });
});
