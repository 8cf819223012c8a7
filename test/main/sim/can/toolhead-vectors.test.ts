import { expect, it } from 'vitest';
import { CanRig, nodeId, toolheads } from './can-rig.ts';
import { exchanges } from './vectors.ts';

const [a, b] = [toolheads.t1.uuid, toolheads.t2.uuid];

/** What a person and other programs did in between, and the recording does not show. */
function prepare(rig: CanRig, what: string, nodes: ReturnType<typeof twoToolheads>): void {
  const give = (uuid: string, id = nodeId): void =>
    rig.admin({ type: 'setKatapultNodeId', uuid, nodeId: id });
  const fresh = (): void => {
    nodes.t1.doubleTap();
  };
  switch (what) {
    case 'CONNECT to both at once':
      give(b, 0x82);
      give(a);
      break;
    case 'same node id given to t2: t1 drops it':
    case 'SEND_BLOCK, first frame lost':
      give(a);
      break;
    case "query after a double tap on t1's reset button":
    case 'SEND_BLOCK, last frame lost':
    case 'four zero bytes, then CONNECT in the next frame':
      fresh();
      break;
    case 'SEND_BLOCK first of a sector and the next one at once':
      nodes.t1.flash.load(0x0800_c000, Uint8Array.of(0));
      fresh();
      break;
  }
}

const needsId = new Set([
  'CONNECT with a wrong CRC',
  'SEND_BLOCK, last frame lost',
  'four zero bytes, then CONNECT in the next frame',
  'SEND_BLOCK first of a sector and the next one at once',
]);

function twoToolheads(rig: CanRig) {
  const katapultVersion = 'v0.0.1-109-g902f335';
  return {
    t1: rig.toolhead('t1', { katapultVersion }),
    t2: rig.toolhead('t2', { katapultVersion, application: 'klipper' }),
  };
}

it('exchanges the frames that real Katapults and a real Klipper exchanged, in the same order', async () => {
  const rig = new CanRig();
  const nodes = twoToolheads(rig);
  const recorded = exchanges.slice(
    0,
    exchanges.findIndex(({ what }) => what.startsWith('only node')),
  );
  expect(recorded.length).toBeGreaterThan(40);
  for (const { what, sent, heard } of recorded) {
    prepare(rig, what, nodes);
    await rig.heard();
    if (needsId.has(what)) rig.admin({ type: 'setKatapultNodeId', uuid: a, nodeId });
    await rig.heard();
    rig.send(...sent);
    const seen = (await rig.heard()).toSorted();
    // What a claimed Klipper says on its own is not simulated.
    const expected = what === 'set Klipper node id 4 on t2' ? [] : heard;
    // Replies of several nodes to a query come in any order.
    expect({ what, seen: seen.map(anyOrder) }).toEqual({ what, seen: expected.map(anyOrder) });
  }
});

function anyOrder(line: string): string {
  const [id = '', data = ''] = line.split(' ');
  return id === '3f1' ? `${id} ${(data.match(/.{16}/g) ?? []).toSorted().join(' ')}` : line;
}
