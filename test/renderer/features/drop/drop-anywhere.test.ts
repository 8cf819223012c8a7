import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { SavedRecipe } from '../../../../app/bench/saved-recipe.ts';
import type { StationHandlers } from '../../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../../app/errors.ts';
import DropAnywhere from '../../../../renderer/features/drop/DropAnywhere.svelte';
import { importDropped } from '../../../../renderer/features/drop/dropped.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { presets } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { imageView } from '../firmware/image-samples.ts';

const words = texts.drop;
const recipe: SavedRecipe = {
  ...{ id: 'r1', name: 'Batch A', savedAt: '2026-12-01T00:00:00.000Z' },
  board: { presetId: 'btt-octopus', variantId: 'f446' },
  ...{ boardName: 'Octopus, STM32F446', klipperVersion: null },
  images: { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) },
  ...{ modes: ['dfu'], target: 30, backup: false, confirmedCrystalHz: null, crystalHz: null },
};
const recipeFile = new File(['{"preset":"octopus","variant":"f446","klipper":"klipper.bin"}'], 'a.json');

function client(handlers: Partial<StationHandlers>) {
  return new ScriptedStation(handlers).client;
}

describe('files that are dropped on any screen', () => {
  it('go to where their kind belongs, a recipe after its images', async () => {
    const view = await imageView(1);
    const takeRecipe = vi.fn<StationHandlers['recipes.import']>(() => recipe);
    const [preset] = presets;
    if (preset === undefined) throw new Error('there is no preset');
    const station = client({
      'images.import': () => view,
      'recipes.import': takeRecipe,
      'presets.add': () => preset,
    });
    const board = new File(['{"id":"mine","variants":[]}'], 'mine.json');
    const dropped = await importDropped(station, [recipeFile, board, new File(['x'], 'klipper.BIN')]);
    expect(dropped.map(({ kind }) => kind)).toEqual(['preset', 'image', 'recipe']);
    expect(takeRecipe.mock.calls[0]?.[0].images).toEqual({ 'klipper.BIN': view.record.key });
  });

  it('are refused in a sentence, and cost no other', async () => {
    const message = 'a.bin is no firmware.';
    const station = client({
      'images.import': () => Promise.reject(new CanopusError('image/not-an-image', message)),
      'recipes.import': () => recipe,
    });
    const files = [new File(['x'], 'a.bin'), new File(['hello'], 'notes.txt'), new File(['{'], 'b.json')];
    const dropped = await importDropped(station, [...files, recipeFile]);
    expect(dropped).toEqual([
      { name: 'a.bin', kind: null, text: message },
      { name: 'notes.txt', kind: null, text: words.unknown },
      { name: 'b.json', kind: null, text: words.unknown },
      { name: 'a.json', kind: 'recipe', text: words.recipe('Batch A') },
    ]);
  });

  it('are taken anywhere, but not twice from a place that takes files itself', async () => {
    const take = vi.fn<StationHandlers['recipes.import']>(() => recipe);
    const station = new ScriptedStation({ 'recipes.import': take });
    render(DropAnywhere, { station: station.state });
    const dataTransfer = { types: ['Files'], files: [recipeFile] };
    const own = document.createElement('div');
    own.addEventListener('drop', (event) => event.preventDefault());
    document.body.append(own);
    await fireEvent.drop(own, { dataTransfer });
    expect(take).not.toHaveBeenCalled();
    await fireEvent.drop(document.body, { dataTransfer });
    expect(await screen.findByText(words.recipe('Batch A'))).toBeTruthy();
    expect(take).toHaveBeenCalledOnce();
    await fireEvent.click(screen.getByRole('button', { name: words.close }));
    await waitFor(() => expect(screen.queryByText('a.json')).toBeNull());
    own.remove();
  });
});
