import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FlowState } from '../../../../app/flow/flow-state.ts';
import FlowPanel from '../../../../renderer/features/flow/FlowPanel.svelte';
import { Router } from '../../../../renderer/navigation/router.svelte.ts';
import { Ticker } from '../../../../renderer/station/ticker.svelte.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { chosenOctopus, flow } from '../../samples.ts';

const words = texts.flow;

function show(changes: Partial<FlowState>): { station: ScriptedStation; removed: string[] } {
  const removed: string[] = [];
  const station = new ScriptedStation({
    'flows.remove': ({ id }) => {
      removed.push(id);
      return Promise.resolve(null);
    },
  });
  station.flows.set(flow(changes));
  void station.state.open();
  const ticker = new Ticker();
  render(FlowPanel, { station: station.state, router: new Router(), ticker, id: 'flow-1' });
  onTestFinished(() => {
    ticker.close();
    station[Symbol.dispose]();
  });
  return { station, removed };
}

const giveUp = (): Promise<HTMLElement> => screen.findByRole('button', { name: words.giveUp });

describe('the set-up of a board', () => {
  it('asks before its choices are thrown away', async () => {
    const { removed } = show({ stage: 'firmware', board: chosenOctopus() });
    await fireEvent.click(await giveUp());
    screen.getByRole('dialog', { name: words.giveUpQuestion, description: words.giveUpText });
    await fireEvent.click(screen.getByRole('button', { name: texts.keep }));
    expect(removed).toEqual([]);
  });

  it('says that a board may start nothing while it is written', async () => {
    const { removed } = show({ stage: 'flash', board: chosenOctopus(), place: 'usb:1-1' });
    await fireEvent.click(await giveUp());
    const dialog = screen.getByRole('dialog', { description: words.giveUpWriting });
    await fireEvent.click([...dialog.querySelectorAll('button')].at(-1) as HTMLElement);
    await waitFor(() => expect(removed).toEqual(['flow-1']));
  });

  it('is left without a question as long as nothing was chosen', async () => {
    const { removed } = show({ stage: 'board' });
    await fireEvent.click(await giveUp());
    await waitFor(() => expect(removed).toEqual(['flow-1']));
  });

  it('moves the focus to the heading of each new stage', async () => {
    const board = chosenOctopus();
    const { station } = show({ stage: 'firmware', board });
    await giveUp();
    expect(document.activeElement).toBe(document.body);
    station.flows.set(flow({ stage: 'pi', board }));
    await waitFor(() => expect(document.activeElement?.id).toBe('stage'));
    expect(document.activeElement?.textContent).toContain(words.stages.pi);
  });
});
