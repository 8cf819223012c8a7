import { afterEach, describe, expect, it } from 'vitest';
import { queryKlipperNodes } from '../../../app/flash/bridge-node.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import { bench, board, untilRunning, withBridge } from '../../main/sim/bench-rig.ts';

let close: (() => Promise<void>) | null = null;
afterEach(async () => close?.());

async function query(fields: Partial<BoardInput> = {}): Promise<readonly string[]> {
  const rig = bench(board({ flash: withBridge, ...fields }));
  close = () => rig.bench[Symbol.asyncDispose]();
  await untilRunning(rig.bench, 'a', 'can-bridge');
  await using link = await rig.devices.openUsb('1-1');
  return await queryKlipperNodes(link, rig.clock);
}

describe('queryKlipperNodes', () => {
  it('returns the UUID of the bridge itself', async () => {
    expect(await query()).toEqual(['6beb0175188a']);
  });

  it('returns the Klipper nodes behind it too, and no Katapult', async () => {
    const canNodes: BoardInput['canNodes'] = [
      { uuid: '44db3d634885', application: 'klipper' },
      { uuid: 'a396d68a95a3', application: 'katapult' },
    ];
    expect([...(await query({ canNodes }))].sort()).toEqual(['44db3d634885', '6beb0175188a']);
  });
});
