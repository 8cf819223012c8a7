import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackupStore } from '../../../main/backups/backup-store.ts';
import { History } from '../../../main/history/history.ts';
import { samplePlan } from '../history/history-bench.ts';
import { uidOf } from '../history/uid-of.ts';

let folder: string;
/** The computer's clock. */
let now: Date;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-clock-'));
  now = new Date('2026-12-01T05:00:00.000Z');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a clock that is set back by years', () => {
  it('costs the history no run', async () => {
    {
      using history = await History.open({ folder, clock: { nowMs: () => 0 }, now: () => now });
      history.recorder.begin(await samplePlan()).done({ uid: uidOf(1) });
      const cutOff = history.recorder.begin(await samplePlan({ place: 'usb:1-2' }));
      now = new Date('2019-01-01T00:00:00.000Z');
      cutOff.done({ uid: uidOf(2) });
      history.recorder.begin(await samplePlan({ place: 'usb:1-3' })).done({ uid: uidOf(3) });
    }
    using history = await History.open({ folder, clock: { nowMs: () => 0 }, now: () => now });
    const { runs } = history.page({}, 10);
    expect(runs.map(({ uid }) => uid).sort()).toEqual([uidOf(1), uidOf(2), uidOf(3)].sort());
    expect(runs.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    expect(history.interrupted()).toEqual([]);
  });

  it('costs no backup, even if the clock says the same moment again', async () => {
    const store = new BackupStore(folder, { now: () => now });
    const take = async (byte: number): Promise<void> => {
      await using writer = await store.create({
        ...{
          place: 'usb:1-4',
          virtual: false,
          dfuSerial: null,
          presetId: null,
          variantId: null,
          runId: null,
        },
        ...{ file: null, nowMs: () => 0, onComplete: () => undefined },
      });
      await writer.begin({
        ...{ layout: { name: 'Internal Flash', segments: [], complete: true }, flashBytes: 64, uid: null },
      });
      await writer.write(new Uint8Array(64).fill(byte));
      await writer.complete();
    };
    await take(1);
    now = new Date('2019-01-01T00:00:00.000Z');
    await take(2);
    now = new Date('2026-12-01T05:00:00.000Z');
    await take(3);
    const { backups, damaged } = await store.list();
    const contents = await Promise.all(backups.map(async ({ id }) => (await store.load(id)).bytes[0]));
    expect(contents.sort()).toEqual([1, 2, 3]);
    expect(damaged).toEqual([]);
  });
});
