import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { newSlot } from '../../../../app/bench/bench-state.ts';
import type { BenchRecipe } from '../../../../app/bench/bench-recipe.ts';
import ArmBar from '../../../../renderer/features/bench/batch/ArmBar.svelte';
import { armAgain, attentionOf, confirmsOf } from '../../../../renderer/features/bench/batch/shift.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { job, presetNamed, presets } from '../../samples.ts';

const words = texts.batch;
const recipe: BenchRecipe = {
  id: 'btt-octopus:f446:aaaaaaaa:bbbbbbbb',
  board: { presetId: 'btt-octopus', variantId: 'f446' },
  name: 'Octopus, STM32F446',
  mcu: 'stm32f446xx',
  role: 'bridge',
  markings: ['STM32F446ZET6'],
  flashBytes: 512 * 1024,
  images: { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) },
  klipper: { version: 'v0.13.0', sha256: null },
  modes: ['dfu'],
  confirmedCrystalHz: null,
  crystalHz: 8_000_000,
  backup: true,
  target: 30,
  isArmed: false,
};
const noCounts = { done: 0, failed: 0, running: 0, toDo: null };

function show(sentences: readonly string[], attention = { needsYou: 0, refused: 0 }) {
  const arm = vi.fn();
  const ignore = (): void => undefined;
  render(ArmBar, {
    session: {
      startedAt: null,
      recipes: [{ recipe, counts: noCounts }],
      counts: noCounts,
      signal: null,
      map: { columns: null, slots: [] },
    } as never,
    ...{ attention, confirms: () => sentences, arm, isBusy: false },
    ...{ disarm: ignore, retry: ignore, renew: ignore, another: ignore, saveAs: () => null },
  });
  return arm;
}

describe('a shift at the bench', () => {
  it('arms a recipe again by one click', async () => {
    const arm = show([]);
    await fireEvent.click(screen.getByRole('button', { name: words.armAgain }));
    expect(arm).toHaveBeenCalledExactlyOnceWith(recipe);
  });

  it('has the warnings of the board confirmed anew', async () => {
    const arm = show(['Heaters are unplugged.']);
    await fireEvent.click(screen.getByRole('button', { name: words.armAgain }));
    expect(arm).not.toHaveBeenCalled();
    const dialog = screen.getByRole('dialog', { description: 'Heaters are unplugged.' });
    await fireEvent.click([...dialog.querySelectorAll('button')].at(-1) as HTMLElement);
    expect(arm).toHaveBeenCalledOnce();
  });

  it('counts the boards that wait for a hand, and those that were refused', () => {
    const slots = [{ ...newSlot('usb:1-1'), id: 'usb:1-1', stage: 'refused' as const }];
    const jobs = [job({ ask: 'remove-jumper' }), job({ ask: 'remove-jumper', endedAt: '2026' }), job()];
    const attention = attentionOf(slots, jobs);
    expect(attention).toEqual({ needsYou: 1, refused: 1 });
    show([], attention);
    for (const name of [words.needsYou, words.refused]) expect(screen.getByText(name)).toBeTruthy();
  });

  it('orders what the recipe holds, and knows what its board warns of', () => {
    const { board, images, modes, crystalHz, backup, target } = recipe;
    expect(armAgain(recipe)).toMatchObject({
      board,
      images,
      modes,
      crystalHz,
      backup,
      target,
      confirmed: true,
    });
    const dangerous = presetNamed(/Octopus Pro v1.0/);
    const ofIt = { ...recipe, board: { presetId: dangerous.id, variantId: 'f446' } };
    expect(confirmsOf(ofIt, presets).length).toBeGreaterThan(0);
  });
});
