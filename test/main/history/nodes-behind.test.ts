import { expect, it } from 'vitest';
import { nodePlace, usbPlace, type PlaceId } from '../../../app/place.ts';
import type { History } from '../../../main/history/history.ts';
import { nodesBehind } from '../../../main/history/nodes-behind.ts';
import { HistoryBench, samplePlan } from './history-bench.ts';

const [t1, t2, t3] = ['44db3d634885', 'e7caf8297cd8', '0e1a2b3c4d5e'] as const;

async function record(history: History, place: PlaceId, isDone = true): Promise<void> {
  const board = { presetId: 'btt-ebb-1.2', variantId: 'g0b1' };
  const entry = history.recorder.begin({ ...(await samplePlan({ place })), board });
  entry.take({ type: 'step', step: 'install-klipper', place });
  if (isDone) entry.done({ uid: null });
}

it('names each node that was written through the bridge at this port, and no other', async () => {
  using bench = new HistoryBench();
  const history = await bench.open();
  await record(history, nodePlace('1-4', t1));
  await record(history, nodePlace('1-4', t1));
  await record(history, nodePlace('1-4', t2), false);
  await record(history, nodePlace('1-5', t3));
  await record(history, usbPlace('1-4'));
  const access = { open: () => history };
  const behind = (isVirtual: boolean) =>
    nodesBehind(access, () => Promise.resolve(null), { bridge: usbPlace('1-4'), isVirtual });
  expect(await behind(false)).toEqual([{ canbusUuid: t1, presetId: 'btt-ebb-1.2', bitrateBps: null }]);
  expect(await behind(true)).toEqual([]);
});
