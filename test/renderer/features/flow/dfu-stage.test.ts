import { render, screen } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FlowState } from '../../../../app/flow/flow-state.ts';
import DfuStage from '../../../../renderer/features/flow/DfuStage.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { chosenOctopus, flow, presetNamed } from '../../samples.ts';

const waitingSince = '2026-01-01T12:00:00.000Z';
const confirms = ['Heaters are unplugged.'];

function show(changes: Partial<FlowState>, waitedS: number): void {
  const station = new ScriptedStation();
  const waiting = flow({ stage: 'dfu', board: chosenOctopus(), isConfirmed: true, waitingSince, ...changes });
  const nowMs = Date.parse(waitingSince) + waitedS * 1000;
  const preset = presetNamed(/Octopus v1/);
  render(DfuStage, { station: station.state, flow: waiting, preset, nowMs, choose: vi.fn() });
  onTestFinished(() => station[Symbol.dispose]());
}

describe('on the way into DFU', () => {
  it('says what to do, marks the parts and watches all ports', () => {
    show({}, 5);
    screen.getByRole('heading', { name: texts.flow.toDfu });
    screen.getByText(texts.flow.waitingAnywhere);
    expect(screen.queryByText(texts.flow.ladderTitle)).toBeNull();
  });

  it('offers more to try the longer it takes', () => {
    show({}, 50);
    screen.getByText(texts.flow.ladder['reset-longer']);
    screen.getByText(texts.flow.ladder['data-cable']);
    expect(screen.queryByText(texts.flow.ladder.boot1)).toBeNull();
  });

  it('lets nothing begin before what is dangerous was confirmed', () => {
    show({ isConfirmed: false, board: { ...chosenOctopus(), confirms } }, 5);
    screen.getByRole('checkbox', { name: confirms[0] ?? '' });
    expect(screen.getByRole('button', { name: texts.flow.goOn }).hasAttribute('disabled')).toBe(true);
    expect(screen.queryByText(texts.flow.waitingAnywhere)).toBeNull();
  });

  it('names the contradiction and how to go on', () => {
    const trouble = { code: 'image/wrong-mcu', message: 'It is an F407.', state: 'untouched' } as const;
    show({ trouble, portPath: '1-1' }, 5);
    expect(screen.getByRole('alert').textContent).toContain('It is an F407.');
    screen.getByRole('button', { name: texts.flow.lookAgain });
  });
});
