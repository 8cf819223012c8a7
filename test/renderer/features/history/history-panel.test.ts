import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { canbusUuid } from '../../../../app/boards/canbus-uuid.ts';
import { CanopusError } from '../../../../app/errors.ts';
import type { BoardFacts } from '../../../../renderer/features/history/flash-again.ts';
import HistoryPanel from '../../../../renderer/features/history/HistoryPanel.svelte';
import { Router } from '../../../../renderer/navigation/router.svelte.ts';
import { ThemeState } from '../../../../renderer/navigation/theme.svelte.ts';
import { VirtualToggle } from '../../../../renderer/navigation/virtual-toggle.svelte.ts';
import { Ticker } from '../../../../renderer/station/ticker.svelte.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { board, uid } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { backup } from '../backups/backup-samples.ts';
import { HistoryInMemory, run } from './run-samples.ts';

let station: ScriptedStation | null = null;
const ticker = new Ticker();

beforeEach(() => {
  // jsdom lays nothing out; the list then has no rows, which the browser's tests look at.
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
});
afterEach(() => {
  station?.[Symbol.dispose]();
  ticker.close();
  vi.unstubAllGlobals();
});

function show(handlers: HistoryInMemory['handlers'], hash = '#/history'): void {
  location.hash = hash;
  station = new ScriptedStation(handlers);
  void station.state.open();
  const props = { router: new Router(), theme: new ThemeState(), ticker, virtual: new VirtualToggle() };
  render(HistoryPanel, { props: { station: station.state, ...props } });
}

describe('the screen of the history', () => {
  it('says what will be here where nothing was flashed yet, and has nothing to export', async () => {
    show(new HistoryInMemory([]).handlers);
    expect(await screen.findByText(texts.history.emptyTitle)).toBeTruthy();
    for (const name of [...Object.values(texts.history.save), texts.labels.make]) {
      expect(screen.getByRole<HTMLButtonElement>('button', { name }).disabled).toBe(true);
    }
  });

  it('says so where no run fits', async () => {
    show(new HistoryInMemory([run()]).handlers);
    await screen.findByText(texts.history.count(1));
    await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'nowhere' } });
    expect(await screen.findByText(texts.history.nothingFits)).toBeTruthy();
    await fireEvent.input(screen.getByRole('searchbox'), { target: { value: '' } });
    expect(await screen.findByText(texts.history.count(1))).toBeTruthy();
  });

  it('names why there is no history', async () => {
    const damaged = new CanopusError('history/damaged', 'history.sqlite: not a database');
    show({ ...new HistoryInMemory([]).handlers, 'history.page': () => Promise.reject(damaged) });
    expect(await screen.findByText('history/damaged')).toBeTruthy();
    expect(screen.queryByText(texts.history.emptyTitle)).toBeNull();
  });

  it('shows everything of a run: who, what, from where, how long, how it failed and what to do', async () => {
    const error = {
      code: 'link/gone',
      message: 'The cable was pulled',
      details: {},
      state: 'katapult-partial',
    } as const;
    const failed = run({ status: 'failed', state: 'katapult-partial', error });
    show(new HistoryInMemory([failed]).handlers, '#/history/1');
    const details = await screen.findByRole('region', { name: texts.history.run(1) });
    for (const text of [
      uid,
      canbusUuid(uid),
      'Ada',
      '1-4.2 (Left)',
      '40 s',
      'a'.repeat(64),
      '0.8 s',
      'link/gone',
    ]) {
      expect(within(details).getByText(text)).toBeTruthy();
    }
    expect(within(details).getByRole('alert').textContent).toContain('The cable was pulled');
    await fireEvent.click(within(details).getByRole('button', { name: texts.close }));
    await waitFor(() => expect(location.hash).toBe('#/history'));
  });

  it('calls the UUID of a run computed where nothing confirmed it', async () => {
    show(new HistoryInMemory([run({ canbusUuidSource: 'computed' })]).handlers, '#/history/1');
    const details = await screen.findByRole('region', { name: texts.history.run(1) });
    expect(within(details).getByText('computed')).toBeTruthy();
  });

  it('marks an interrupted run until a person acknowledges it', async () => {
    const memory = new HistoryInMemory([run()]);
    memory.interrupted = [run({ id: 7, status: 'interrupted', state: 'dfu-partial' })];
    show(memory.handlers);
    const notice = await screen.findByRole('alert');
    expect(notice.textContent).toContain(texts.history.interruptedTitle(1));
    await fireEvent.click(within(notice).getByRole('button'));
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    expect(memory.interrupted).toEqual([]);
  });
});

describe('what is this board?', () => {
  function facts(): BoardFacts {
    const last = run();
    return {
      ...{ uid, canbusUuid: canbusUuid(uid), virtual: false, presetId: last.presetId, variantId: 'f446' },
      ...{ mcu: 'stm32f446xx', runs: 2, firstSeenAt: last.startedAt, lastRun: last, restored: null },
      disturbed: false,
      bootloader: null,
      application: { runId: 1, at: last.updatedAt, state: last.state, image: last.images[1]! },
      standing: null,
      wear: { cycles: 3, endurance: 10_000, sectors: [] },
      reflash: { commands: [], obstacles: [], images: null },
    };
  }

  async function look(code: string): Promise<void> {
    const field = await screen.findByRole('textbox', { name: texts.history.whatTitle });
    await fireEvent.input(field, { target: { value: code } });
    await fireEvent.submit(field.closest('form')!);
  }

  it('lists its backups and asks before one is restored', async () => {
    const memory = new HistoryInMemory([]);
    const kept = backup();
    memory.backups = [kept, backup({ id: '20260503-080000-3fa2' })];
    memory.what = { ...facts(), restored: { runId: 2, at: kept.at, backupId: kept.id } };
    show(memory.handlers);
    await look(uid);
    const list = await screen.findByRole('region', { name: texts.backup.title });
    expect(screen.getByText(texts.backup.restored)).toBeTruthy();
    const [back, ...others] = within(list).getAllByRole('button', { name: texts.backup.back });
    expect(others).toHaveLength(1);
    await fireEvent.click(back!);
    const dialog = await screen.findByRole('dialog', { name: texts.backup.dialog.title });
    expect(dialog.textContent).toContain(kept.id);
    expect(dialog.textContent).toContain(uid);
  });

  it('restores a board from the run with its backup, even if the chip never reported its UID', async () => {
    const kept = backup({ uid: null });
    const memory = new HistoryInMemory([run({ backupId: kept.id })]);
    memory.backups = [kept];
    show(memory.handlers, '#/history/1');
    const details = await screen.findByRole('region', { name: texts.history.run(1) });
    expect(within(details).getByText(texts.backup.keptAs(kept.id))).toBeTruthy();
    await fireEvent.click(within(details).getByRole('button', { name: texts.backup.back }));
    expect(await screen.findByRole('dialog', { name: texts.backup.dialog.title })).toBeTruthy();
  });

  it('shows what is on it, whether that is old, its wear, and how to repeat it', async () => {
    const memory = new HistoryInMemory([]);
    memory.what = {
      ...facts(),
      disturbed: true,
      standing: 'older',
      reflash: {
        commands: ['canopus flash --port PORT --klipper cache:bbb'],
        obstacles: ['Katapult is gone.'],
        images: null,
      },
    };
    show(memory.handlers);
    await look(` canopus:1?uuid=${canbusUuid(uid)}&uid=${uid} `);
    expect(await screen.findByText(texts.history.standings.older)).toBeTruthy();
    for (const text of [
      texts.history.wearOf(3, 10_000, 2),
      texts.history.disturbed,
      'Katapult is gone.',
      texts.history.noneOnRecord,
      'canopus flash --port PORT --klipper cache:bbb',
    ]) {
      expect(screen.getByText(text)).toBeTruthy();
    }
    expect(screen.queryByRole('button', { name: texts.history.flashAgain })).toBeNull();
  });

  it('begins a flow with the very images, on the port where the board is', async () => {
    const memory = new HistoryInMemory([]);
    const images = { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) };
    memory.what = { ...facts(), reflash: { commands: [], obstacles: [], images } };
    const asked: unknown[] = [];
    show({
      ...memory.handlers,
      'flows.start': (input) => {
        asked.push(input);
        return Promise.resolve({ id: 'flow-7' });
      },
      'flows.choose': ({ choice }) => {
        asked.push(choice);
        return Promise.resolve(null);
      },
    });
    station!.boards.set(board({ place: 'usb:1-3' }));
    await vi.waitFor(() => expect(station!.state.boards.all).toHaveLength(1));
    await look(uid);
    await fireEvent.click(await screen.findByRole('button', { name: texts.history.flashAgain }));
    await vi.waitFor(() => expect(location.hash).toBe('#/flow/flow-7'));
    const { presetId, variantId } = facts();
    expect(asked).toEqual([
      { place: 'usb:1-3' },
      { type: 'choose-board', board: { presetId, variantId } },
      { type: 'choose-images', images },
    ]);
  });

  it('says so where no run has it', async () => {
    show(new HistoryInMemory([]).handlers);
    await look('0'.repeat(24));
    expect(await screen.findByText(texts.history.unknownBoard)).toBeTruthy();
  });
});
