import { waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import { told } from '../quiet-handlers.ts';
import { ScriptedStation } from '../scripted-station.ts';
import { bareBoard, board, job, presets } from '../samples.ts';

describe('what a window knows of its station', () => {
  it('is what the station has and what changes in it', async () => {
    using station = new ScriptedStation();
    const { state } = station;
    station.boards.set(bareBoard('usb:1-1'));
    void state.open();
    await waitFor(() => expect(state.boards.all).toEqual([bareBoard('usb:1-1')]));
    station.jobs.set(job());
    station.boards.delete(bareBoard('usb:1-1').id);
    station.boards.set(board());
    await waitFor(() => expect(state.boardAt('usb:1-1')?.mode).toBe('can-bridge'));
    await waitFor(() => expect(state.jobs.get('job-1')?.status).toBe('running'));
    expect(state.boardAt('usb:1-2')).toBeNull();
    expect(state.boardAt(null)).toBeNull();
  });

  it('comes from the station that it is connected to', async () => {
    using station = new ScriptedStation();
    await waitFor(() => expect(station.state.info?.version).toBe('1.2.3'));
    expect(station.state.presets).toEqual(presets);
    expect(station.state.status).toBe('connected');
  });

  it('goes on after the link was lost, with what happened meanwhile', async () => {
    using station = new ScriptedStation();
    const { state } = station;
    station.boards.set(bareBoard('usb:1-1'));
    void state.open();
    await waitFor(() => expect(state.boards.ids).toHaveLength(1));
    const seen: string[] = [];
    state.client.onStatus((status) => seen.push(status));
    station.cut();
    station.boards.set(bareBoard('usb:1-2'));
    await waitFor(() => expect(state.boards.ids).toHaveLength(2));
    expect(seen).toEqual(['connecting', 'connected']);
    expect(state.status).toBe('connected');
  });

  it('says what the station cannot send, and asks again until it can', async () => {
    let tries = 0;
    using station = new ScriptedStation({
      'boards.watch': async function* (_, { signal }) {
        tries += 1;
        if (tries === 1) throw new CanopusError('link/access', 'The USB devices may not be listed.');
        yield* told([{ type: 'all', items: [board()] }], signal);
      },
    });
    const { state } = station;
    void state.open();
    await waitFor(() => expect(state.trouble?.error.code).toBe('link/access'));
    expect(state.trouble?.name).toBe('boards.watch');
    expect(state.boards.isKnown).toBe(false);
    await waitFor(() => expect(state.boards.isKnown).toBe(true));
    expect(state.trouble).toBeNull();
  });

  it('distinguishes virtual ports from real ones', async () => {
    using station = new ScriptedStation();
    station.virtual.set({
      ...{ id: 'v', portPath: '99-1', mcu: 'stm32f446xx', uid: '00'.repeat(12) },
      ...{ boot0: false, hasCard: null, plugged: true, on: false, running: 'off', why: '', faults: [] },
    });
    void station.state.open();
    await waitFor(() => expect(station.state.isVirtual('usb:99-1')).toBe(true));
    expect(station.state.isVirtual('usb:1-1')).toBe(false);
  });
});
