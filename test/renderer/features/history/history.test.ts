import { waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { labelsOfRuns } from '../../../../renderer/features/history/board-labels.ts';
import { exportHistory } from '../../../../renderer/features/history/export-history.ts';
import { HistoryState } from '../../../../renderer/features/history/history.svelte.ts';
import { browserClock } from '../../../../renderer/station/browser-clock.ts';
import { presetNamed, presets } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { HistoryInMemory, manyRuns, run } from './run-samples.ts';

let station: ScriptedStation | null = null;
let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  station?.[Symbol.dispose]();
});

function open(memory: HistoryInMemory, more = {}): HistoryState {
  station = new ScriptedStation({ ...memory.handlers, ...more });
  return new HistoryState(station.client, browserClock);
}

describe('the runs that a window shows', () => {
  it('are brought for the place that is looked at, of a list as long as all that fit', async () => {
    const memory = new HistoryInMemory(manyRuns(20_000));
    const history = open(memory);
    await history.load();
    expect(history.total).toBe(20_000);
    expect(history.at(0)?.id).toBe(20_000);
    expect(history.at(19_999)).toBeUndefined();
    await history.look(19_950, 19_999);
    expect(history.at(19_999)?.id).toBe(1);
    expect(memory.asked.map(({ offset }) => offset)).toEqual([0, 19_900]);
  });

  it('leave out what was only scrolled past', async () => {
    const memory = new HistoryInMemory(manyRuns(10_000));
    const history = open(memory);
    await history.load();
    await Promise.all([200, 3000, 6000, 9000].map((place) => history.look(place, place + 50)));
    await waitFor(() => expect(history.at(9000)?.id).toBe(1000));
    expect(memory.asked.map(({ offset }) => offset)).toEqual([0, 200, 9000]);
  });

  it('are not all kept', async () => {
    const history = open(new HistoryInMemory(manyRuns(5000)));
    await history.load();
    for (let page = 0; page < 50; page++) await history.look(page * 100, page * 100);
    expect(history.at(4900)?.id).toBe(100);
    expect(history.at(0)).toBeUndefined();
    await history.look(0, 0);
    expect(history.at(0)?.id).toBe(5000);
  });

  it('follow what the station writes, where they are looked at', async () => {
    const memory = new HistoryInMemory(manyRuns(300));
    const history = open(memory);
    void history.follow(stop.signal);
    await waitFor(() => expect(history.total).toBe(300));
    await history.look(250, 299);
    memory.runs = [run({ id: 301, status: 'running', endedAt: null }), ...memory.runs];
    memory.change();
    await waitFor(() => expect(history.total).toBe(301));
    expect([history.at(0)?.status, history.at(299)?.id]).toEqual(['running', 2]);
  });

  it('are those of the last filter, whichever reply comes last', async () => {
    const memory = new HistoryInMemory([...manyRuns(3), run({ id: 99, status: 'failed' })]);
    const answers: (() => void)[] = [];
    const history = open(memory, {
      'history.page': async (input: never) => {
        const answer = await memory.handlers['history.page']!(input, { signal: stop.signal });
        await new Promise<void>((resolve) => answers.push(resolve));
        return answer;
      },
    });
    const first = history.setFilter({ status: 'failed' });
    await waitFor(() => expect(answers).toHaveLength(1));
    const second = history.setFilter({ status: undefined, text: '0000000002' });
    await waitFor(() => expect(answers).toHaveLength(2));
    for (const answer of answers.toReversed()) answer();
    await Promise.all([first, second]);
    expect([history.total, history.at(0)?.id]).toEqual([1, 2]);
    expect(history.isFiltered).toBe(true);
  });

  it('are real boards, and virtual ones where there are no others', async () => {
    const memory = new HistoryInMemory([]);
    await open(memory).load();
    expect(memory.asked[0]?.filter).toEqual({ boards: 'real' });
    station?.[Symbol.dispose]();
    const info = { version: '1', host: 'headless', platform: 'linux', features: [], simulated: true };
    await open(memory, { 'app.info': () => Promise.resolve(info) }).load();
    expect(memory.asked[1]?.filter).toEqual({ boards: 'all' });
  });

  it('can be picked by number though they are not listed', async () => {
    const history = open(new HistoryInMemory(manyRuns(1000)));
    await history.load();
    expect(history.find(5)).toBeNull();
    await history.pick(5);
    expect(history.find(5)?.id).toBe(5);
  });

  it('keep what was shown when the station fails, and say why', async () => {
    const memory = new HistoryInMemory(manyRuns(3));
    const history = open(memory);
    await history.load();
    station?.[Symbol.dispose]();
    station = null;
    const broken = new ScriptedStation();
    const failed = new HistoryState(broken.client, browserClock);
    await failed.load();
    expect([failed.isKnown, failed.error?.code, failed.total]).toEqual([true, 'contract/unknown-name', null]);
    expect(history.at(0)?.id).toBe(3);
    broken[Symbol.dispose]();
  });
});

describe('labels of a list', () => {
  it('are one for each board that is done', async () => {
    const twice = [...manyRuns(450), ...manyRuns(450)];
    const memory = new HistoryInMemory([run({ id: 999, uid: null, canbusUuid: null }), ...twice]);
    open(memory);
    const labels = await labelsOfRuns(station!.client, {}, presets);
    expect(labels).toHaveLength(450);
    expect(labels[0]).toMatchObject({
      board: presetNamed(/Octopus v1/).name,
      lines: ['Klipper v0.13.0-5', 'Katapult v0.0.1-110', '2026-05-04, bridge runs'],
    });
    expect(memory.asked.every(({ filter }) => filter.status === 'done')).toBe(true);
    expect(await labelsOfRuns(station!.client, { status: 'failed' }, presets)).toEqual([]);
  });
});

describe('an export', () => {
  it('is made by the host where it can save files, with the filter', async () => {
    let asked: unknown = null;
    open(new HistoryInMemory([]), {
      'history.save': (input: unknown) => {
        asked = input;
        return Promise.resolve({ path: '/home/ada/canopus-history.csv' });
      },
    });
    const path = await exportHistory(station!.client, { operator: 'Ada' }, 'csv', true);
    expect(path).toBe('/home/ada/canopus-history.csv');
    expect(asked).toEqual({ filter: { operator: 'Ada' }, format: 'csv' });
  });

  it('is else put together from its parts, as a download', async () => {
    const parts = ['a\r\n', 'b\r\n'];
    open(new HistoryInMemory([]), {
      'history.export': ({ after }: { after: { id: number } | null }) =>
        Promise.resolve({
          text: parts[after?.id ?? 0],
          next: after === null ? { startedAt: 's', id: 1 } : null,
        }),
    });
    const made: Blob[] = [];
    // jsdom has none.
    URL.createObjectURL = (blob: Blob) => `blob:${made.push(blob)}`;
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockReturnValue();
    expect(await exportHistory(station!.client, {}, 'csv', false)).toBeNull();
    expect(click).toHaveBeenCalledOnce();
    expect(await made[0]!.text()).toBe('a\r\nb\r\n');
    click.mockRestore();
  });
});
