import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FlowInput, PiView, StationInput } from '../../../../app/contract/station-contract.ts';
import type { NearbyPi } from '../../../../app/pi/nearby.ts';
import PrinterStage from '../../../../renderer/features/flow/PrinterStage.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { told } from '../../quiet-handlers.ts';
import { flow } from '../../samples.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const words = texts.printer;
const voron: PiView = {
  ...{ id: 'p', name: 'Voron', host: 'voron', user: 'pi', port: null, keyFile: null },
  ...{ isVirtual: false, status: 'away', error: null },
};

const onNetwork = (host: string, more: Partial<NearbyPi> = {}): NearbyPi => ({
  ...{ id: host, host, address: '192.168.1.7', hasMoonraker: true, printers: [] },
  ...more,
});

interface Shown {
  readonly choose: (choice: FlowInput) => void;
  readonly connected: string[];
  readonly saved: StationInput<'pi.save'>[];
}

async function show(pis: readonly PiView[], nearby: readonly NearbyPi[]): Promise<Shown> {
  const connected: string[] = [];
  const saved: Shown['saved'] = [];
  const station = new ScriptedStation({
    'pi.watch': (_, { signal }) => told([{ type: 'all', items: [...pis] }], signal),
    'pi.nearby': (_, { signal }) => told([{ type: 'all', items: [...nearby] }], signal),
    'pi.connect': ({ id }) => {
      connected.push(id);
      return Promise.resolve(null);
    },
    'pi.save': (order) => {
      saved.push(order);
      return Promise.resolve({ id: 'new' });
    },
  });
  void station.state.open();
  await expect.poll(() => station.state.pis.isKnown).toBe(true);
  const choose = vi.fn<Shown['choose']>();
  render(PrinterStage, { station: station.state, flow: flow(), choose });
  onTestFinished(() => station[Symbol.dispose]());
  return { choose, connected, saved };
}

describe('the printer of a board', () => {
  it('is one of the Pis that are known, which is logged in to at once', async () => {
    const { choose, connected } = await show([voron], []);
    await fireEvent.click(screen.getByRole('button', { name: /Voron/ }));
    expect(choose).toHaveBeenCalledWith({ type: 'choose-printer', piId: 'p' });
    await expect.poll(() => connected).toEqual(['p']);
  });

  it('is listed once where a known Pi is on the network too, with the printers that it has', async () => {
    await show([voron], [onNetwork('voron.local', { printers: ['left', 'right'] })]);
    await screen.findByText(words.severalPrinters(['left', 'right']));
    expect(screen.getAllByRole('listitem')).toHaveLength(1);
  });

  it('is found on the network, and kept with the user that a person names', async () => {
    const { choose, saved, connected } = await show([], [onNetwork('mainsailos.local')]);
    await fireEvent.click(await screen.findByRole('button', { name: /mainsailos\.local/ }));
    const user = screen.getByRole<HTMLInputElement>('textbox', { name: words.user });
    expect(user.value).toBe('pi');
    await fireEvent.input(user, { target: { value: 'biqu' } });
    await fireEvent.click(screen.getByRole('button', { name: words.take }));
    await expect
      .poll(() => saved)
      .toEqual([{ id: null, name: null, target: 'biqu@mainsailos.local', keyFile: null }]);
    await expect.poll(() => connected).toEqual(['new']);
    expect(choose).toHaveBeenCalledWith({ type: 'choose-printer', piId: 'new' });
  });

  it('may be nowhere: then the board comes first', async () => {
    const { choose } = await show([], []);
    screen.getByText(words.searching);
    await fireEvent.click(screen.getByRole('button', { name: words.none }));
    expect(choose).toHaveBeenCalledWith({ type: 'no-printer' });
  });

  it('can be typed', async () => {
    await show([], []);
    await fireEvent.click(screen.getByRole('button', { name: words.typeIt }));
    screen.getByRole('form', { name: texts.pi.add });
  });
});
