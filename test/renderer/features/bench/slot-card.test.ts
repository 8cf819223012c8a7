import { fireEvent, render, screen } from '@testing-library/svelte';
import type { ComponentProps } from 'svelte';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import SlotCard from '../../../../renderer/features/bench/SlotCard.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { bareBoard, board, chosenOctopus, flow, job } from '../../samples.ts';

const nowMs = Date.parse('2026-01-01T12:00:10.000Z');
const nothing = (): void => undefined;

function show(props: Partial<ComponentProps<typeof SlotCard>>): void {
  const station = new ScriptedStation({
    'doctor.run': () =>
      Promise.resolve([
        {
          ...{ id: 'udev-rules', question: '', verdict: 'wrong', answer: '', why: '' },
          fix: { text: 'Run this once.', command: 'sudo install rule' },
        },
      ]),
  });
  render(SlotCard, {
    client: station.client,
    slot: { place: 'usb:1-1', board: board(), job: null },
    ...{
      nowMs,
      flow: null,
      coming: null,
      isVirtual: false,
      jobAt: () => null,
      cancel: nothing,
      setUp: nothing,
    },
    ...props,
  });
  onTestFinished(() => station[Symbol.dispose]());
}

const onPort = (
  changes: Partial<Parameters<typeof board>[0]>,
  work: ReturnType<typeof job> | null = null,
) => ({
  slot: { place: 'usb:1-1', board: board(changes), job: work },
});

describe('the card of a port', () => {
  it('says what the board is, with UUID and UID to be copied', () => {
    show({});
    screen.getByText(texts.modes['can-bridge']);
    screen.getByText('STM32F446');
    screen.getByRole('button', { name: `${texts.copy} ${texts.bench.uuid}` });
    screen.getByRole('button', { name: `${texts.copy} ${texts.bench.uid}` });
  });

  it('of a chip that has not spoken says so, and offers the one next thing', async () => {
    const setUp = vi.fn();
    show({ setUp, slot: { place: 'usb:1-1', board: bareBoard('usb:1-1'), job: null } });
    screen.getByText(texts.bench.uuidLater);
    await fireEvent.click(screen.getByRole('button', { name: texts.bench.setUpThis }));
    expect(setUp).toHaveBeenCalledExactlyOnceWith('usb:1-1');
    expect(screen.getAllByRole('button')).toHaveLength(1);
  });

  it('of a board that may not be opened has the command that mends it', async () => {
    show(onPort({ access: { ok: false, code: 'link/access' } }));
    expect(screen.queryByRole('button', { name: texts.bench.setUpThis })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: texts.bench.howToFix }));
    await screen.findByText('sudo install rule');
    screen.getByText('Run this once.');
  });

  it('shows how far the work is, how fast it goes and what it will still take', async () => {
    const cancel = vi.fn();
    const progress = {
      phase: 'write',
      bytesDone: 10_240,
      bytesTotal: 40_960,
      startedAt: job().queuedAt,
    } as const;
    show({ ...onPort({}, job({ progress, safeToStop: false })), cancel });
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('25');
    screen.getByText('1.0 KiB/s');
    screen.getByText(texts.bench.timeLeft('30 s'));
    screen.getByText(texts.bench.doNotUnplug);
    await fireEvent.click(screen.getByRole('button', { name: texts.cancel }));
    expect(cancel).toHaveBeenCalledExactlyOnceWith('job-1');
  });

  it('says what the board is to get', () => {
    show({ coming: { boardName: 'Octopus', klipper: 'v0.13.0' } });
    screen.getByText(texts.bench.coming('v0.13.0', 'Octopus'));
  });

  it('asks for hands where hands are needed', () => {
    show(onPort({}, job({ ask: 'remove-jumper' })));
    expect(screen.getByRole('alert').textContent).toContain(texts.asks['remove-jumper'].title);
  });

  it('keeps the failure with what to do about it', () => {
    const error = { code: 'dfu/verify-mismatch', message: 'Reads 00.', details: {}, state: null } as const;
    const failed = job({ status: 'failed', endedAt: job().queuedAt, error });
    show(onPort({}, failed));
    expect(screen.getByRole('alert').textContent).toContain('Reads 00.');
    screen.getByText('dfu/verify-mismatch');
  });

  it('leads back to the flow that the board is in', () => {
    show({ flow: flow({ place: 'usb:1-1', stage: 'firmware', board: chosenOctopus() }) });
    screen.getByText(chosenOctopus().name);
    screen.getByRole('button', { name: texts.bench.goOn });
  });
});
