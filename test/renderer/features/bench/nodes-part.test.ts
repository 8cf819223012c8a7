import { fireEvent, render, screen } from '@testing-library/svelte';
import { expect, it, onTestFinished, vi } from 'vitest';
import NodesPart from '../../../../renderer/features/bench/nodes/NodesPart.svelte';
import { texts } from '../../../../renderer/texts/en.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const uuid = '44db3d634885';
const node = { place: `can:1-1/${uuid}`, canbusUuid: uuid, application: 'katapult' } as const;

function show(found: object) {
  const start = vi.fn(() => Promise.resolve({ jobId: 'a' }));
  const station = new ScriptedStation({
    'can.nodes': () => Promise.resolve({ nodes: [], duplicates: [], isClaimed: false, ...found }),
    'images.import': () => Promise.resolve({ record: { key: '0'.repeat(64) } } as never),
    'flash.start': start,
  });
  render(NodesPart, {
    client: station.client,
    ...{ bridge: 'usb:1-1', jobAt: () => null, nowMs: 0, cancel: () => undefined },
  });
  onTestFinished(() => station[Symbol.dispose]());
  return { start };
}

it('looks for nodes only when asked, and lists what replied', async () => {
  show({ nodes: [node] });
  expect(screen.queryByText(uuid)).toBeNull();
  await fireEvent.click(screen.getByRole('button', { name: texts.nodes.look }));
  await screen.findByText(uuid);
  screen.getByText(texts.nodes.applications.katapult);
  screen.getByText(texts.nodes.wayBack);
});

it('says that a running Klipper has claimed nodes', async () => {
  show({ isClaimed: true });
  await fireEvent.click(screen.getByRole('button', { name: texts.nodes.look }));
  await screen.findByText(texts.nodes.claimed);
  screen.getByText(texts.nodes.none);
});
