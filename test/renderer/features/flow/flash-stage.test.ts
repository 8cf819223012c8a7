import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FlowInput, JobView } from '../../../../app/contract/station-contract.ts';
import type { FlowState } from '../../../../app/flow/flow-state.ts';
import FlashStage from '../../../../renderer/features/flow/FlashStage.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { chosenOctopus, flow, job, presetNamed } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const crystalsHz = [12_000_000, 8_000_000];

async function show(changes: Partial<JobView>, trouble: FlowState['trouble'] = null) {
  const running = job(changes);
  const station = new ScriptedStation();
  station.jobs.set(running);
  void station.state.open();
  await expect.poll(() => station.state.jobs.isKnown).toBe(true);
  const choose = vi.fn<(choice: FlowInput) => void>();
  const shown = flow({
    ...{ stage: 'flash', place: 'usb:1-1', jobId: running.id, board: chosenOctopus(), trouble },
  });
  const preset = presetNamed(/Octopus v1/);
  render(FlashStage, { station: station.state, flow: shown, preset, nowMs: 0, choose });
  onTestFinished(() => station[Symbol.dispose]());
  return choose;
}

const offer = (): HTMLElement | null => screen.queryByRole('region', { name: texts.rescue.offerTitle });
const beginIn = (place: HTMLElement): HTMLElement =>
  within(place).getByRole('button', { name: texts.rescue.begin });

describe('a board that was started and is waited for', () => {
  it.each(['left-usb', 'dfu-again', 'unreadable', 'silent', 'no-serial-port'] as const)(
    'shows what is seen of it: %s',
    async (sight) => {
      await show({ ask: 'remove-jumper', sight: { sight, builtForHz: 12_000_000 } });
      screen.getByText(texts.sight(sight, 12_000_000));
      expect(offer()).toBeNull();
    },
  );

  it('is offered the search with the crystals that it tries, which one press begins', async () => {
    const sight = { sight: 'silent', builtForHz: null } as const;
    const choose = await show({ ask: 'remove-jumper', sight, offer: crystalsHz });
    screen.getByText(texts.sight('silent', null));
    screen.getByText(texts.rescue.offerText(crystalsHz));
    await fireEvent.click(beginIn(offer()!));
    expect(choose.mock.calls).toEqual([[{ type: 'find-crystal' }]]);
  });

  it('shows how far a search is, and is offered none meanwhile', async () => {
    await show({ ask: 'back-to-dfu', search: { stage: 'silent', crystalHz: 8_000_000, left: 1 } });
    screen.getByText(texts.rescue.stages.silent(8_000_000));
    screen.getByText(texts.asks['back-to-dfu'].title);
    expect(offer()).toBeNull();
  });
});

describe('a chip that is erased as a whole', () => {
  const trouble = {
    code: 'dfu/erase-all-not-confirmed',
    message: 'It holds something at 0x08040000.',
    details: {},
    state: 'untouched',
  } as const;
  const words = texts.flow.eraseAll;

  it('is erased only after a question that says what is lost', async () => {
    const choose = await show({ status: 'failed' }, trouble);
    await fireEvent.click(screen.getByRole('button', { name: words.begin }));
    const dialog = screen.getByRole('dialog', { name: words.question, hidden: true });
    within(dialog).getByText(words.textWithBackup);
    expect(choose).not.toHaveBeenCalled();
    await fireEvent.click(within(dialog).getByRole('button', { name: words.yes, hidden: true }));
    const confirmations = { chipMarking: null, crystalHz: null, eraseAll: true };
    expect(choose.mock.calls).toEqual([[{ type: 'vouch', confirmations }]]);
  });
});

describe('a board that did not come back', () => {
  const trouble = (code: 'device/did-not-return' | 'device/returned-as-another') => ({
    ...{ code, message: 'No device came back on port 1-1.', details: { place: 'usb:1-1' } },
    state: 'dfu-written' as const,
  });

  it('can still be searched for its crystal', async () => {
    const choose = await show({ status: 'failed', offer: crystalsHz }, trouble('device/did-not-return'));
    expect(offer()).toBeNull();
    await fireEvent.click(beginIn(screen.getByRole('alert')));
    expect(choose.mock.calls).toEqual([[{ type: 'find-crystal' }]]);
  });

  it('is not, where another trouble is the reason', async () => {
    await show({ status: 'failed' }, trouble('device/returned-as-another'));
    expect(screen.queryByRole('button', { name: texts.rescue.begin })).toBeNull();
  });
});
