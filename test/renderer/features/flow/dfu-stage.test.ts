import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Board } from '../../../../app/boards/board.ts';
import { foreignWords } from '../../../../app/boards/foreign-device.ts';
import type { FlowState } from '../../../../app/flow/flow-state.ts';
import DfuStage from '../../../../renderer/features/flow/DfuStage.svelte';
import { stationSystemContext } from '../../../../renderer/ui/advice.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { board, chosenOctopus, flow, presetNamed } from '../../samples.ts';

const waitingSince = '2026-01-01T12:00:00.000Z';
const confirms = ['Heaters are unplugged.'];
const choose = vi.fn();
beforeEach(() => choose.mockReset());

function show(changes: Partial<FlowState>, waitedS: number, ...boards: readonly Board[]): ScriptedStation {
  const station = new ScriptedStation();
  for (const each of boards) station.boards.set(each);
  if (boards.length > 0) void station.state.open();
  const waiting = flow({ stage: 'dfu', board: chosenOctopus(), isConfirmed: true, waitingSince, ...changes });
  const nowMs = Date.parse(waitingSince) + waitedS * 1000;
  const preset = presetNamed(/Octopus v1/);
  const props = { station: station.state, flow: waiting, preset, nowMs, choose };
  render(DfuStage, { props, context: stationSystemContext('win32') });
  onTestFinished(() => station[Symbol.dispose]());
  return station;
}

describe('on the way into DFU', () => {
  it('says what to do, marks the parts and watches all ports', () => {
    show({}, 5);
    screen.getByRole('heading', { name: texts.flow.toDfu });
    screen.getByText(texts.flow.waitingAnywhere);
    expect(screen.queryByText(texts.flow.dfuHintsTitle)).toBeNull();
  });

  it('offers more to try the longer it takes', () => {
    show({}, 50);
    screen.getByText(texts.flow.dfuHints['reset-longer']);
    screen.getByText(texts.flow.dfuHints['data-cable']);
    expect(screen.queryByText(texts.flow.dfuHints.boot1)).toBeNull();
  });

  it('is at the step that USB shows, whatever the mouse points at', async () => {
    show({}, 5, board());
    const notice = texts.flow.entrySights.running;
    await screen.findByText(notice.title('usb:1-1'));
    screen.getByRole('button', { name: texts.flow.askForBootloader });
    const current = (): string | undefined =>
      screen.getAllByRole('listitem').find((item) => item.hasAttribute('aria-current'))?.textContent;
    expect(current()).toContain('Power the board off');
    const pressReset = screen.getByText(/Press RESET/).closest('li') as Element;
    await fireEvent.pointerMove(pressReset);
    expect(current()).toContain('Power the board off');
    // The drawing follows the step, until the mouse is moved over another one.
    const drawn = (): string | null => screen.getByRole('img').getAttribute('aria-label');
    const before = drawn();
    await fireEvent.pointerEnter(pressReset);
    expect(drawn()).toBe(before);
    const move = new MouseEvent('pointermove', { bubbles: true });
    Object.defineProperties(move, { movementX: { value: 3 }, movementY: { value: 0 } });
    await fireEvent(pressReset, move);
    expect(drawn()).not.toBe(before);
  });

  it('ticks off the step that USB has seen, and names a board that did not enter DFU', async () => {
    const station = show({}, 5, board());
    await screen.findByText(texts.flow.entrySights.running.title('usb:1-1'));
    station.boards.set(board({ place: null }));
    await screen.findByText(texts.flow.entrySights.off.title('usb:1-1'));
    expect(screen.getAllByLabelText(texts.flow.stepDone)).toHaveLength(1);
    station.boards.set(board());
    await screen.findByText(texts.flow.entrySights['started-klipper'].title('usb:1-1'));
    expect(screen.queryByLabelText(texts.flow.stepDone)).toBeNull();
  });

  it('names what came into DFU instead of the board', async () => {
    show({}, 5, board({ id: 'x', mode: 'unknown', foreign: 'gd32-dfu', place: 'usb:1-7' }));
    await screen.findByText(foreignWords['gd32-dfu'].text);
    screen.getByText(texts.bench.foreignOn(foreignWords['gd32-dfu'].title, 'usb:1-7'));
  });

  it('gives both ways on for a running bridge without a driver', async () => {
    const access = { ok: false, code: 'link/no-driver' } as const;
    show({ place: 'usb:1-1' }, 5, board({ access }));
    const notice = await screen.findByRole('alert');
    await waitFor(() => expect(notice.textContent).toMatch(/twice.*WinUSB/s));
    expect(notice.textContent).not.toContain('STM32 BOOTLOADER');
  });

  it('lets nothing begin before what is dangerous was confirmed', () => {
    const several = [...confirms, '24 V is off.'];
    show({ isConfirmed: false, board: { ...chosenOctopus(), confirms: several } }, 5);
    screen.getByRole('checkbox', { name: several[0] ?? '' });
    expect(screen.getByRole('button', { name: texts.flow.goOn }).hasAttribute('disabled')).toBe(true);
    expect(screen.queryByText(texts.flow.waitingAnywhere)).toBeNull();
  });

  it('takes one press where there is one thing to confirm', async () => {
    show({ isConfirmed: false, board: { ...chosenOctopus(), confirms } }, 5);
    screen.getByText(confirms[0] ?? '');
    await fireEvent.click(screen.getByRole('button', { name: texts.flow.isSo }));
    expect(choose).toHaveBeenCalledExactlyOnceWith({ type: 'confirm' });
  });

  it('names the contradiction and how to go on', () => {
    const trouble = { code: 'image/wrong-mcu', message: 'It is an F407.', state: 'untouched' } as const;
    show({ trouble, place: 'usb:1-1' }, 5);
    expect(screen.getByRole('alert').textContent).toContain('It is an F407.');
    screen.getByRole('button', { name: texts.flow.lookAgain });
  });
});
