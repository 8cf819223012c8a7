import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { JobView, PiView } from '../../../../app/contract/station-contract.ts';
import { secondNodeText } from '../../../../app/errors/second-node.ts';
import { newFlowPi } from '../../../../app/flow/flow-pi.ts';
import DoneStage from '../../../../renderer/features/flow/DoneStage.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { told } from '../../quiet-handlers.ts';
import { chosenOctopus, flow, job, uid } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const written = { bytesWritten: 4096, bytesVerified: 4096, sectorsErased: 1, sha256: 'a'.repeat(64), uid };
type Report = NonNullable<JobView['report']>;

async function show(
  bootloader: typeof written | null,
  canbusUuidSource: 'confirmed' | 'computed' = 'confirmed',
): Promise<void> {
  const report: Report = {
    ...{ kind: 'flash-board', place: 'usb:1-1', uid, canbusUuid: '6beb0175188a', mcu: 'stm32f446xx' },
    canbusUuidSource,
    seen: 'can-bridge',
    written: { bootloader, application: written },
    found: null,
  };
  const done = job({ status: 'done', report });
  const station = new ScriptedStation({});
  station.jobs.set(done);
  void station.state.open();
  await expect.poll(() => station.state.jobs.isKnown).toBe(true);
  const another = (): void => undefined;
  const shown = flow({ stage: 'done', place: 'usb:1-1', jobId: done.id, uid, canbusUuid: '6beb0175188a' });
  render(DoneStage, { station: station.state, flow: shown, another, remove: another });
  onTestFinished(() => station[Symbol.dispose]());
}

describe('a board that is done', () => {
  it('is said to work with its Pi, whose page is named, and that heaters go in again', async () => {
    const pi: PiView = {
      ...{ id: 'p', name: 'Voron', host: 'voron.local', user: 'pi', port: null, keyFile: null },
      ...{ isVirtual: false, status: 'connected', error: null },
    };
    const station = new ScriptedStation({
      'pi.watch': (_, { signal }) => told([{ type: 'all', items: [pi] }], signal),
    });
    void station.state.open();
    await expect.poll(() => station.state.pis.isKnown).toBe(true);
    const board = { ...chosenOctopus(), confirms: ['Heaters are unplugged.'] };
    const shown = flow({
      stage: 'done',
      uid,
      canbusUuid: '6beb0175188a',
      board,
      pi: newFlowPi({ piId: 'p', name: 'Voron' }),
    });
    const remove = vi.fn();
    render(DoneStage, { station: station.state, flow: shown, another: () => undefined, remove });
    onTestFinished(() => station[Symbol.dispose]());
    screen.getByText(texts.done.proven('Voron'));
    screen.getByText(texts.done.plugInAgain);
    screen.getByText('http://voron.local');
    expect(screen.getByText(secondNodeText).closest('details')?.open).toBe(false);
    await fireEvent.click(screen.getByRole('button', { name: texts.flow.finish }));
    expect(remove).toHaveBeenCalledOnce();
  });

  it('still needs a second node before can0 works', async () => {
    await show(written);
    expect(screen.getByText(secondNodeText)).toBeTruthy();
  });

  it('has a UUID that is called computed where nothing confirmed it', async () => {
    await show(written);
    expect(screen.queryByText('computed')).toBeNull();
    await show(written, 'computed');
    expect(screen.getByText('computed')).toBeTruthy();
  });

  it('is said to have got Katapult only where it did', async () => {
    await show(written);
    expect(screen.getByText(texts.flow.doneText(false))).toBeTruthy();
    await show(null);
    expect(screen.getByText(texts.flow.doneText(true))).toBeTruthy();
  });
});
