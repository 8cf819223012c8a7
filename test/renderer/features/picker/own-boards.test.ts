import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import type { PresetView } from '../../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../../app/errors.ts';
import { OwnBoards } from '../../../../renderer/features/picker/own-boards.svelte.ts';
import PickerPanel from '../../../../renderer/features/picker/PickerPanel.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { presetNamed, presets } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';

let station: ScriptedStation | null = null;
afterEach(() => station?.[Symbol.dispose]());

const mine: PresetView = { ...presetNamed(/Octopus v1/), id: 'mine', name: 'My own board', isUsers: true };

/** A picker whose station takes only a file that says "good". */
async function show(): Promise<HTMLInputElement> {
  let all = presets;
  station = new ScriptedStation({
    'presets.list': () => all,
    'presets.add': ({ text }) => {
      if (text !== 'good') throw new CanopusError('preset/invalid', 'b.json: id must be of type string.');
      all = [...presets, mine];
      return mine;
    },
    'presets.remove': () => void (all = presets),
  });
  void station.state.open();
  const { state } = station;
  await vi.waitFor(() => expect(state.presets.length).toBeGreaterThan(0));
  const props = { chosen: null, device: null, isBusy: false, bitrateBps: 500_000, choose: vi.fn() };
  const own = new OwnBoards(state);
  const { rerender } = render(PickerPanel, { ...props, presets: state.presets, own });
  const button = screen.getByLabelText<HTMLInputElement>(texts.picker.addBoardFile);
  const change = async (text: string): Promise<void> => {
    const before = state.presets;
    await fireEvent.change(button, { target: { files: [new File([text], 'b.json')] } });
    if (text === 'good') await vi.waitFor(() => expect(state.presets).not.toBe(before));
    await rerender({ ...props, presets: state.presets, own });
  };
  Object.assign(button, { change });
  return button;
}

it('adds a board from a file, and shows it as added', async () => {
  const input = (await show()) as HTMLInputElement & { change: (text: string) => Promise<void> };
  await input.change('good');
  expect(await screen.findByRole('heading', { name: /My own board/ })).toBeTruthy();
  expect(screen.getByText(texts.picker.isUsers)).toBeTruthy();
  expect(screen.getByRole('button', { name: texts.picker.removeBoard })).toBeTruthy();
});

it('says what is wrong in a file', async () => {
  const input = (await show()) as HTMLInputElement & { change: (text: string) => Promise<void> };
  await input.change('bad');
  expect(await screen.findByText(/id must be of type string/)).toBeTruthy();
});

it('offers no removal of a board that comes with Canopus', async () => {
  await show();
  await fireEvent.click(screen.getByRole('button', { name: /Octopus v1/ }));
  expect(screen.getByRole('button', { name: texts.picker.saveBoard })).toBeTruthy();
  expect(screen.queryByRole('button', { name: texts.picker.removeBoard })).toBeNull();
});
