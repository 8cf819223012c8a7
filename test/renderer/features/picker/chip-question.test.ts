import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { newSlot } from '../../../../app/bench/bench-state.ts';
import type { Trouble } from '../../../../app/errors/trouble.ts';
import SlotDetail from '../../../../renderer/features/bench/batch/SlotDetail.svelte';
import FlashStage from '../../../../renderer/features/flow/FlashStage.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { board, chosenOctopus, flow, presetNamed } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const needed: Trouble = {
  code: 'chip/marking-needed',
  message: 'Its serial number is not one of an STM32F446.',
  state: 'untouched',
  details: { fits: ['STM32F407'], variants: ['btt-octopus:f407'], asks: 'marking' },
};
const mismatch: Trouble = {
  code: 'chip/mismatch',
  message: 'This chip has 1024 KiB of flash; an STM32F446 has at most 512: is it an F407?',
  state: 'untouched',
  details: { fits: ['STM32F407'], variants: ['btt-octopus:f407'], asks: null },
};

function station(): ScriptedStation {
  const scripted = new ScriptedStation({});
  onTestFinished(() => scripted[Symbol.dispose]());
  return scripted;
}

function stopped(trouble: Trouble): ReturnType<typeof vi.fn> {
  const choose = vi.fn();
  const state = flow({
    stage: 'flash',
    board: chosenOctopus(),
    isConfirmed: true,
    place: 'usb:1-1',
    trouble,
  });
  const props = { station: station().state, flow: state, nowMs: 0, choose };
  render(FlashStage, { ...props, preset: presetNamed(/Octopus v1/) });
  return choose;
}

const field = () => screen.getByLabelText(new RegExp(texts.picker.markingOnChip.replace('?', '\\?')));
const goOn = () => screen.getByRole<HTMLButtonElement>('button', { name: texts.picker.goOnWithMarking });

describe('a flow whose chip has to be read', () => {
  it('takes the marking as people type it, and goes on with it', async () => {
    const choose = stopped(needed);
    expect(goOn().disabled).toBe(true);
    await fireEvent.input(field(), { target: { value: 'stm32 f446 zet6' } });
    await fireEvent.click(goOn());
    const confirmations = { chipMarking: 'STM32F446ZET6', crystalHz: null };
    expect(choose).toHaveBeenCalledExactlyOnceWith({ type: 'vouch', confirmations });
  });

  it('shows the form of a marking for invalid text', async () => {
    stopped(needed);
    await fireEvent.input(field(), { target: { value: 'GD32F407ZET6' } });
    expect(goOn().disabled).toBe(true);
    screen.getByText(texts.picker.noMarking);
  });

  it('offers the variant that fits', async () => {
    const choose = stopped(mismatch);
    expect(screen.queryByRole('button', { name: texts.picker.goOnWithMarking })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: texts.picker.itIs('STM32F407') }));
    expect(choose).toHaveBeenCalledExactlyOnceWith({
      type: 'choose-board',
      board: { presetId: 'btt-octopus', variantId: 'f407' },
    });
  });

  it('asks for nothing where something else is wrong', () => {
    stopped({ code: 'link/gone', message: 'unplugged', state: 'dfu-partial' });
    expect(screen.queryByRole('textbox')).toBeNull();
    screen.getByRole('button', { name: texts.flow.retry });
  });
});

describe('a slot of the bench whose chip has to be read', () => {
  it('takes its marking', async () => {
    const scripted = station();
    scripted.boards.set(board({ place: 'usb:1-1' }));
    scripted.slots.set({
      ...newSlot('usb:1-1'),
      id: 'usb:1-1',
      stage: 'refused',
      why: null,
      trouble: needed,
    });
    void scripted.state.open();
    const vouch = vi.fn();
    const props = { station: scripted.state, place: 'usb:1-1', job: null, nowMs: 0, isBusy: false, vouch };
    render(SlotDetail, { ...props, retry: vi.fn(), again: vi.fn(), cancel: vi.fn() });
    await fireEvent.input(await screen.findByRole('textbox'), { target: { value: 'F446ZET6' } });
    await fireEvent.click(goOn());
    expect(vouch).toHaveBeenCalledExactlyOnceWith('usb:1-1', 'STM32F446ZET6');
  });
});
