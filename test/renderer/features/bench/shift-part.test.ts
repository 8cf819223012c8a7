import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { StationHandlers } from '../../../../app/contract/station-contract.ts';
import { defaultSettings } from '../../../../app/settings/settings.ts';
import ShiftPart from '../../../../renderer/features/bench/batch/ShiftPart.svelte';
import { nextSlot, sessionRuns } from '../../../../renderer/features/bench/batch/shift.ts';
import { Router } from '../../../../renderer/navigation/router.svelte.ts';
import { Ticker } from '../../../../renderer/station/ticker.svelte.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { job } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const words = texts.batch.shift;
const startedAt = '2026-12-01T06:00:00.000Z';
const counts = { done: 1, failed: 0, running: 0, toDo: null };

function show(handlers: Partial<StationHandlers>, started: string | null = startedAt): void {
  const station = new ScriptedStation(handlers);
  station.state.session = {
    startedAt: started,
    ...{ recipes: [], counts, signal: null, map: { columns: null, slots: [] } },
  };
  render(ShiftPart, { station: station.state, router: new Router(), ticker: new Ticker() });
}

describe('the end of a shift', () => {
  it('exports the runs of this session only', async () => {
    const take = vi.fn<StationHandlers['history.export']>(() => ({ text: 'a,b\n', next: null }));
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: vi.fn() }));
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
    show({ 'history.export': take });
    await fireEvent.click(screen.getByRole('button', { name: words.save.csv }));
    await waitFor(() => expect(take).toHaveBeenCalledOnce());
    expect(take.mock.calls[0]?.[0]).toMatchObject({
      format: 'csv',
      filter: { since: startedAt, boards: 'real' },
    });
  });

  it('says why there is nothing to export before a session', () => {
    show({}, null);
    expect(screen.getByText(words.noSession)).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: words.labels }).disabled).toBe(true);
  });

  it('keeps the name of the operator', async () => {
    const set = vi.fn<StationHandlers['settings.set']>(() => ({ ...defaultSettings, operator: 'Ada' }));
    show({ 'settings.set': set });
    const field = screen.getByLabelText(texts.history.operator);
    await fireEvent.input(field, { target: { value: ' Ada ' } });
    await fireEvent.change(field);
    await waitFor(() => expect(set).toHaveBeenCalledOnce());
    expect(set.mock.calls[0]?.[0]).toEqual({ operator: 'Ada' });
  });

  it('looks a scanned label up', async () => {
    const look = vi.fn<StationHandlers['history.what']>(() => null);
    show({ 'history.what': look });
    await fireEvent.input(screen.getByPlaceholderText(texts.history.whatHint), {
      target: { value: '0e1a2b3c4d5e' },
    });
    await fireEvent.click(screen.getByRole('button', { name: texts.history.lookUp }));
    expect(await screen.findByText(texts.history.unknownBoard)).toBeTruthy();
    expect(look.mock.calls[0]?.[0]).toEqual({ code: '0e1a2b3c4d5e', against: null });
  });
});

describe('the slot that needs a hand next', () => {
  const slots = (['usb:1-1', 'usb:1-2', 'usb:1-3'] as const).map((place) => ({
    place,
    name: null,
    isIgnored: false,
  }));

  it('is the first on the map whose work waits for a hand', () => {
    const asking = job({ ask: 'remove-jumper' });
    const at = (place: string) => (place === 'usb:1-1' ? job() : asking);
    expect(nextSlot(slots, at)?.place).toBe('usb:1-2');
  });

  it('is none if nothing waits, or the work has ended', () => {
    expect(nextSlot(slots, () => job({ ask: 'remove-jumper', endedAt: startedAt }))).toBeNull();
    expect(nextSlot(slots, () => null)).toBeNull();
  });

  it('is of a session, with virtual boards only if all are', () => {
    expect(sessionRuns(startedAt, true)).toEqual({ since: startedAt, boards: 'all' });
    expect(sessionRuns(null, false)).toBeNull();
  });
});
