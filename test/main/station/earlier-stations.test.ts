import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { History } from '../../../main/history/history.ts';
import { JsonStore } from '../../../main/files/json-store.ts';
import { openBenchFile } from '../../../main/station/bench/bench-file.ts';
import { flowFormat } from '../../../main/station/flow-file.ts';
import { piListFormat } from '../../../main/station/pi/pi-record.ts';
import { SettingsStore } from '../../../main/station/settings-store.ts';

/** Folders that stations of earlier commits wrote, each named by its commit. */
const stations = join(import.meta.dirname, '../../fixtures/stations');

/** A copy of such a folder: opening it may bring it up to date. */
let folder = '';
const troubles: unknown[] = [];
const report = (error: unknown): number => troubles.push(error);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'canopus-earlier-'));
  cpSync(join(stations, 'ec1d9da'), folder, { recursive: true });
  troubles.length = 0;
});

afterEach(() => {
  const files = readdirSync(folder);
  rmSync(folder, { recursive: true });
  expect(troubles).toEqual([]);
  expect(files.filter((name) => /set-aside|unreadable/.test(name))).toEqual([]);
});

describe('what a station of ec1d9da left', () => {
  it('has its runs, each in its place', async () => {
    using history = await History.open({ folder, clock: { nowMs: () => 0 } });
    const runs = history.page({ boards: 'virtual' }, 10).runs;
    expect(runs.map(({ id, place, slot, uid, state }) => [id, place, slot, uid, state])).toEqual([
      [4, 'usb:1-2.10', null, '430014000A50534E4E313122', 'running-bridge'],
      [3, 'usb:1-1', null, '430014000A50534E4E313120', 'running-bridge'],
      [2, 'usb:1-2.10', 'A2', '430014000A50534E4E313122', 'running-bridge'],
      [1, 'usb:1-2.1', 'A1', '430014000A50534E4E313121', 'running-bridge'],
    ]);
    for (const text of ['1-2.10', 'usb:1-2.10']) {
      expect(history.page({ boards: 'virtual', text }, 10).runs.map(({ id }) => id)).toEqual([4, 2]);
    }
    expect(history.page({ boards: 'virtual', slot: '1-1' }, 10).runs.map(({ id }) => id)).toEqual([3]);
  });

  it('has its bench: map, slots, outcomes and the last signal', async () => {
    const file = await openBenchFile(join(folder, 'bench.json'), report);
    const { map, state } = file.current;
    expect(map).toEqual({
      columns: 3,
      slots: [
        { place: 'usb:1-2.1', name: 'A1', isIgnored: false },
        { place: 'usb:1-1', name: null, isIgnored: true },
        { place: 'usb:1-2.10', name: 'A2', isIgnored: false },
      ],
    });
    expect(state.slots.map(({ place, stage, why }) => [place, stage, why])).toEqual([
      ['usb:1-1', 'idle', 'ignored'],
      ['usb:1-2.1', 'done', null],
      ['usb:1-2.10', 'done', null],
    ]);
    expect(state.outcomes.map(({ place, result }) => [place, result])).toEqual([
      ['usb:1-2.1', 'done'],
      ['usb:1-2.10', 'done'],
    ]);
    expect(state.signal).toEqual({ number: 2, kind: 'done', place: 'usb:1-2.10' });
    expect(state.recipes).toHaveLength(1);
  });

  it('has its flows, where they were', async () => {
    const file = await JsonStore.open({ path: join(folder, 'flows.json'), format: flowFormat, report });
    expect(file.current.map(({ stage, place, placesBefore }) => [stage, place, placesBefore])).toEqual([
      ['pi', 'usb:1-1', null],
      ['dfu', null, []],
      ['pi', 'usb:1-2.10', null],
    ]);
  });

  it('has its Pis and settings', async () => {
    const pis = await JsonStore.open({ path: join(folder, 'pis.json'), format: piListFormat, report });
    expect(pis.current.map(({ name, host, user, port }) => [name, host, user, port])).toEqual([
      ['Voron', 'voron.local', 'pi', 2222],
      ['pi@ender.local', 'ender.local', 'pi', null],
    ]);
    const settings = await SettingsStore.open(folder, report);
    expect(settings.current).toMatchObject({ operator: 'Ada', defaultBitrateBps: 500_000 });
  });
});
