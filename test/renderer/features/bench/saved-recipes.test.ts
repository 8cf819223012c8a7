import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { SavedRecipe } from '../../../../app/bench/saved-recipe.ts';
import type { StationHandlers } from '../../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../../app/errors.ts';
import { RecipeCalls } from '../../../../renderer/features/bench/batch/recipe-calls.svelte.ts';
import SavedRecipes from '../../../../renderer/features/bench/batch/SavedRecipes.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { imageView } from '../firmware/image-samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const words = texts.batch.recipes;
const recipe: SavedRecipe = {
  ...{ id: 'r1', name: 'Batch A', savedAt: '2026-12-01T00:00:00.000Z' },
  board: { presetId: 'btt-octopus', variantId: 'f446' },
  ...{ boardName: 'Octopus, STM32F446', klipperVersion: 'v0.13.0' },
  images: { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) },
  ...{ modes: ['dfu'], target: 30, backup: false, confirmedCrystalHz: null, crystalHz: null },
};

function show(handlers: Partial<StationHandlers>) {
  const station = new ScriptedStation(handlers);
  station.state.recipes.take({ type: 'all', items: [recipe] });
  const onArmed = vi.fn();
  const recipes = new RecipeCalls(station.state);
  render(SavedRecipes, { station: station.state, recipes, onArm: () => undefined, onArmed });
  return onArmed;
}

describe('saved recipes in the window', () => {
  it('are armed by one click', async () => {
    const arm = vi.fn<StationHandlers['recipes.arm']>(() => ({ recipeId: 'x' }));
    const onArmed = show({ 'recipes.arm': arm });
    await fireEvent.click(screen.getByRole('button', { name: words.arm('Batch A') }));
    await waitFor(() => expect(onArmed).toHaveBeenCalledOnce());
    expect(arm.mock.calls[0]?.[0]).toEqual({ id: 'r1', confirmed: true });
  });

  it('say what an arming lacks and how to get it', async () => {
    const message = 'Klipper v0.13.0 of "Batch A" is not in the image cache.';
    const onArmed = show({
      'recipes.arm': () => Promise.reject(new CanopusError('bench/recipe-image-gone', message)),
    });
    await fireEvent.click(screen.getByRole('button', { name: words.arm('Batch A') }));
    expect(await screen.findByText(message)).toBeTruthy();
    expect(screen.getByText(/Import the same file or a bundle/)).toBeTruthy();
    expect(onArmed).not.toHaveBeenCalled();
  });

  it('are exported through a host that allows no downloads', async () => {
    const saved = vi.fn<StationHandlers['host.saveFile']>(() => null);
    const station = new ScriptedStation({
      'app.info': () => ({
        ...{ version: '0.1.0', host: 'electron', platform: 'linux', simulated: false },
        features: ['choose-folder'],
      }),
      'recipes.export': () => ({ fileName: 'Batch-A.json', text: '{}' }),
      'host.saveFile': saved,
    });
    await waitFor(() => expect(station.state.info).not.toBeNull());
    await new RecipeCalls(station.state).export(recipe);
    expect(saved.mock.calls[0]?.[0]).toEqual({ name: 'Batch-A.json', base64: btoa('{}') });
  });

  it('are removed only after a question', async () => {
    const remove = vi.fn(() => null);
    show({ 'recipes.remove': remove });
    await fireEvent.click(screen.getByRole('button', { name: words.remove('Batch A') }));
    expect(remove).not.toHaveBeenCalled();
    await fireEvent.click(screen.getByRole('button', { name: words.removeYes, hidden: true }));
    await waitFor(() => expect(remove).toHaveBeenCalledOnce());
  });

  it('keep the form of a new name open until the name is taken', async () => {
    const rename = vi
      .fn<StationHandlers['recipes.rename']>()
      .mockRejectedValueOnce(new CanopusError('bench/recipe-name-taken', 'There is a recipe "B" already.'))
      .mockResolvedValueOnce({ ...recipe, name: 'C' });
    show({ 'recipes.rename': rename });
    await fireEvent.click(screen.getByRole('button', { name: words.rename('Batch A') }));
    const field = screen.getByLabelText(words.name);
    await fireEvent.input(field, { target: { value: 'B' } });
    await fireEvent.click(screen.getByRole('button', { name: words.keep }));
    expect(await screen.findByText(/There is a recipe "B" already/)).toBeTruthy();
    await fireEvent.input(field, { target: { value: 'C' } });
    await fireEvent.click(screen.getByRole('button', { name: words.keep }));
    await waitFor(() => expect(screen.queryByLabelText(words.name)).toBeNull());
    expect(rename).toHaveBeenCalledTimes(2);
  });

  it('are imported with the image files that they name', async () => {
    const view = await imageView(1);
    const take = vi.fn<StationHandlers['recipes.import']>(() => recipe);
    show({ 'images.import': () => Promise.resolve(view), 'recipes.import': take });
    const files = [new File(['{}'], 'octopus.json'), new File(['x'], 'klipper.bin')];
    await fireEvent.change(screen.getByLabelText(words.importLabel), { target: { files } });
    await waitFor(() => expect(take).toHaveBeenCalledOnce());
    expect(take.mock.calls[0]?.[0]).toEqual({
      fileName: 'octopus.json',
      text: '{}',
      images: { 'klipper.bin': view.record.key },
    });
  });
});
