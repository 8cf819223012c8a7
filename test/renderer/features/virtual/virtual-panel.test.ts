import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { LiveTable } from '../../../../app/contract/live-table.ts';
import type { VirtualPiView } from '../../../../app/contract/station-contract.ts';
import VirtualPanel from '../../../../renderer/features/virtual/VirtualPanel.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const words = texts.virtual.pi;

it('has the hands at the printer of the virtual Pi, as soon as there is one', async () => {
  const pis = new LiveTable<VirtualPiView>();
  const pi = {
    id: 'virtual',
    reachable: true,
    klippy: 'ready',
    printing: false,
    heating: false,
    apiKey: null,
  } as const;
  const done: string[] = [];
  using station = new ScriptedStation({
    'sim.watchPi': (_, { signal }) => pis.follow(signal),
    'sim.pi': ({ action }) => {
      done.push(action);
      return Promise.resolve(null);
    },
  });
  void station.state.open();
  render(VirtualPanel, { station: station.state, close: () => undefined });
  await expect.poll(() => station.state.virtualPis.isKnown).toBe(true);
  expect(screen.queryByRole('article', { name: words.title })).toBeNull();
  pis.set(pi);
  const card = within(await screen.findByRole('article', { name: words.title }));
  await fireEvent.click(card.getByRole('switch', { name: words.network }));
  await fireEvent.click(card.getByRole('switch', { name: words.print }));
  await fireEvent.click(card.getByRole('button', { name: words.emergencyStop }));
  await waitFor(() => expect(done).toEqual(['cut-network', 'start-print', 'emergency-stop']));
  pis.set({ ...pi, reachable: false, klippy: 'shutdown', apiKey: 'virtual-key' });
  await waitFor(() => card.getByText('virtual-key'));
  expect(card.getByRole('status').textContent).toContain(words.states.shutdown);
  card.getByRole('switch', { name: words.network, checked: false });
  expect(card.getByRole('switch', { name: words.print })).toHaveProperty('disabled', true);
  await fireEvent.click(card.getByRole('switch', { name: words.wantsKey }));
  await waitFor(() => expect(done.at(-1)).toBe('want-no-key'));
});
