import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { Board } from '../../../../app/boards/board.ts';
import PickerPanel from '../../../../renderer/features/picker/PickerPanel.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { board, chosenOctopus, presetNamed, presets } from '../../samples.ts';

const octopus = chosenOctopus();

function show(device: Board | null = null): ReturnType<typeof vi.fn> {
  const choose = vi.fn();
  render(PickerPanel, { presets, chosen: null, device, isBusy: false, bitrateBps: 500_000, choose });
  return choose;
}
const click = (role: string, name: RegExp | string) => fireEvent.click(screen.getByRole(role, { name }));

describe('the picker', () => {
  it('chooses a board once its chip was read', async () => {
    const choose = show();
    await click('button', /Octopus v1/);
    expect(screen.getByRole('button', { name: texts.picker.use }).hasAttribute('disabled')).toBe(true);
    await click('radio', /STM32F446/);
    await click('button', texts.picker.use);
    const { presetId, variantId } = octopus;
    expect(choose).toHaveBeenCalledExactlyOnceWith({ presetId, variantId });
  });

  it('marks the chip in the drawing until it was read', async () => {
    show();
    await click('button', /Octopus v1/);
    const { name, parts } = presetNamed(/Octopus v1/);
    screen.getByRole('img', { name: texts.picker.drawingOf(name, parts['chip'] ?? '') });
    await click('radio', /STM32F446/);
    screen.getByRole('img', { name: texts.picker.drawingOf(name, '') });
  });

  it('shows at once that the device on the port contradicts the choice', async () => {
    show(board({ mcu: 'stm32f407xx' }));
    await click('button', /Octopus v1/);
    await click('radio', /STM32F407/);
    expect(screen.queryByText(texts.picker.contradictionTitle)).toBeNull();
    await click('radio', /STM32F446/);
    expect(screen.getByRole('alert').textContent).toContain('stm32f407xx');
  });

  it('says so where no board matches', async () => {
    show();
    await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'ender' } });
    screen.getByText(texts.picker.noneFound);
  });
});

describe.each(presets.map((preset) => [preset.name, preset] as const))('%s', (_, { name }) => {
  it('is shown with the crystal that each chip decides', async () => {
    show();
    await fireEvent.click(
      screen.getByRole('button', { name: new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`) }),
    );
    const { variants } = presets.find((preset) => preset.name === name)!;
    for (const { crystalHz } of variants)
      screen.getAllByText(texts.picker.crystal(`${crystalHz.value / 1e6} MHz`));
  });
});
