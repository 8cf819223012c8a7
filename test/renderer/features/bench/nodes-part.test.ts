import { fireEvent, render, screen } from '@testing-library/svelte';
import { expect, it, onTestFinished, vi } from 'vitest';
import NodesPart from '../../../../renderer/features/bench/nodes/NodesPart.svelte';
import type { BenchRecipe } from '../../../../app/bench/bench-recipe.ts';
import { texts } from '../../../../renderer/texts/en.ts';
import { ScriptedStation } from '../../scripted-station.ts';

const uuid = '44db3d634885';
const node = { place: `can:1-1/${uuid}`, canbusUuid: uuid, application: 'katapult' } as const;

function show(found: object, recipes: readonly BenchRecipe[] = [], recorded: readonly object[] = []) {
  const start = vi.fn(() => Promise.resolve({ jobId: 'a' }));
  const station = new ScriptedStation({
    'can.nodes': () => Promise.resolve({ nodes: [], duplicates: [], isClaimed: false, ...found }),
    'can.recorded': () => Promise.resolve({ nodes: recorded } as never),
    'images.import': () => Promise.resolve({ record: { key: '0'.repeat(64) } } as never),
    'flash.start': start,
  });
  render(NodesPart, {
    client: station.client,
    recipes,
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

it('offers each node the Klipper of an armed recipe of toolheads, and of no other', async () => {
  const images = { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) };
  const recipe: BenchRecipe = {
    ...{
      id: 'r1',
      board: { presetId: 'ebb', variantId: 'g0b1' },
      name: 'EBB',
      mcu: 'stm32g0b1xx',
      role: 'node',
    },
    ...{ markings: [], flashBytes: null, images, modes: ['dfu'] },
    ...{ klipper: { version: 'v1', sha256: null }, confirmedCrystalHz: null, crystalHz: null },
    ...{ backup: false, target: null, isArmed: true },
  };
  const others: BenchRecipe[] = [
    { ...recipe, id: 'r2', name: 'Octopus', role: 'bridge' },
    { ...recipe, id: 'r3', name: 'SB', isArmed: false },
  ];
  const { start } = show({ nodes: [node] }, [recipe, ...others]);
  await fireEvent.click(screen.getByRole('button', { name: texts.nodes.look }));
  await fireEvent.click(await screen.findByRole('button', { name: texts.nodes.writeRecipe('EBB', 'v1') }));
  await vi.waitFor(() => expect(start).toHaveBeenCalled());
  expect(start).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({
      place: node.place,
      board: recipe.board,
      images: { ...images, bootloader: null },
    }),
    expect.anything(),
  );
  for (const { name } of others)
    expect(screen.queryByRole('button', { name: texts.nodes.writeRecipe(name, 'v1') })).toBeNull();
});

it('shows the nodes that were written through this bridge before the bus is asked, and which of them are silent', async () => {
  const silent = { ...node, canbusUuid: 'e7caf8297cd8', place: 'can:1-1/e7caf8297cd8' };
  const recorded = [node, silent].map(({ place, canbusUuid }) => ({
    ...{ place, canbusUuid, presetId: 'btt-ebb-1.2', bitrateBps: null },
  }));
  show({ nodes: [node] }, [], recorded);
  expect(await screen.findAllByText(texts.nodes.writtenBefore('btt-ebb-1.2'))).toHaveLength(2);
  await fireEvent.click(screen.getByRole('button', { name: texts.nodes.look }));
  await screen.findByText(texts.nodes.applications.katapult);
  screen.getByText(texts.nodes.silent('btt-ebb-1.2'));
  expect(screen.getAllByText(uuid)).toHaveLength(1);
});
