import { describe, expect, it } from 'vitest';
import { encodeCommand, commandCode } from '../../../../app/protocols/katapult/command.ts';
import { openGsUsb } from '../../../../app/protocols/gs-usb/open-gs-usb.ts';
import { encodeAdminMessage } from '../../../../app/protocols/klipper-can/admin-frame.ts';
import type { CanLink } from '../../../../app/transport/can-link.ts';
import type { BoardInput } from '../../../../main/sim/bench-config.ts';
import { bench, board, untilRunning, withBridge } from '../bench-rig.ts';
import { CanRig, nodeId, toolheads } from './can-rig.ts';

const { uuid } = toolheads.t1;
const bridgeUuid = '6beb0175188a';
const query = encodeAdminMessage({ type: 'queryUnassigned' });
const connect = encodeCommand(commandCode.connect);

async function openBridge(more: Partial<BoardInput>) {
  const rig = bench(board({ flash: withBridge, ...more }));
  await untilRunning(rig.bench, 'a', 'can-bridge');
  const usb = await rig.devices.openUsb('1-1');
  const can = await openGsUsb(usb, { clock: rig.clock });
  return { ...rig, can, board: rig.bench.board('a') };
}

/** Everything that comes until a second passes without a frame. */
async function replies(can: CanLink): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const frame = await can.receive({ timeoutMs: 1000 }).catch(() => null);
    if (frame === null) return all;
    all.push(`${frame.id.toString(16)} ${Buffer.from(frame.data).toString('hex')}`);
  }
}

const node = { uuid, application: 'katapult' } as const;

describe('the wires of a virtual bus', () => {
  it.each([
    ['no other node', {}],
    ['a node at another rate', { canNodes: [{ ...node, bitrateBps: 500_000 }] }],
    ['no termination', { canNodes: [node], canTerminated: false }],
    ['one open wire', { canNodes: [{ ...node, wired: false }] }],
  ])('%s: the bridge takes every frame, and only itself replies', async (_, more) => {
    const { can } = await openBridge(more);
    for (let frames = 0; frames < 40; frames++) await can.send(query);
    const seen = await replies(can);
    expect(new Set(seen)).toEqual(new Set([`3f1 20${bridgeUuid}01`]));
    expect(seen).toHaveLength(40);
  });

  it('sends the frames in the three mailboxes after the repair, and none that came later', async () => {
    const { can, board: bridge } = await openBridge({ canNodes: [{ ...node, wired: false }] });
    for (let frames = 0; frames < 10; frames++) await can.send(query);
    await replies(can);
    bridge.toolheads[0]?.setWired(true);
    expect(await replies(can)).toEqual(Array(3).fill(`3f1 20${uuid}11`));
  });

  it('carries frames past a node that was pulled, as long as another one acknowledges them', async () => {
    const rig = new CanRig();
    rig.toolhead('t1').setWired(false);
    rig.toolhead('t2');
    rig.send(query);
    expect(await rig.heard()).toEqual([`3f1 20${toolheads.t2.uuid}11`]);
  });

  it('repeats damaged frames, so that a request and its reply still arrive whole', async () => {
    const rig = new CanRig();
    rig.bus.wiring.bitErrorRate = 0.001;
    rig.toolhead('t1');
    rig.admin({ type: 'setKatapultNodeId', uuid, nodeId });
    await rig.heard();
    for (let tries = 0; tries < 50; tries++) {
      rig.stream(connect);
      const [reply = ''] = await rig.heard();
      expect(reply).toMatch(/^203 0188a00d11000000[0-9a-f]+9903$/);
    }
  });

  it('lets several unclaimed nodes reply, whose first frames collide, and wears their error counters', async () => {
    const rig = new CanRig();
    const [t1, t2] = [rig.toolhead('t1'), rig.toolhead('t2')];
    for (let queries = 0; queries < 4; queries++) {
      rig.send(query);
      const [reply = ''] = await rig.heard();
      expect(reply).toContain(`20${t1.uuid}11`);
      expect(reply).toContain(`20${t2.uuid}11`);
    }
  });
});

describe('a node on a bus with many errors', () => {
  it('comes back from bus-off by itself with bxCAN', async () => {
    const rig = new CanRig();
    const t1 = rig.toolhead('t1');
    rig.bus.wiring.bitErrorRate = 0.05;
    rig.send(query);
    await rig.heard(100);
    rig.bus.wiring.bitErrorRate = 0;
    await rig.heard(100);
    expect(t1.isBusOff).toBe(false);
    rig.send(query);
    expect((await rig.heard()).join()).toContain(`20${uuid}11`);
  });
});

describe('a virtual toolhead', () => {
  it('runs half an application silently, and comes back in Katapult after a double tap', async () => {
    const rig = new CanRig();
    const t1 = rig.toolhead('t1');
    t1.flash.load(0x0800_8000, Uint8Array.of(0, 0, 2, 0x20));
    t1.reset();
    await rig.heard();
    rig.send(query);
    expect(await rig.heard()).toEqual([]);
    t1.doubleTap();
    await rig.heard();
    // The query was never acknowledged: it is still in the mailbox of the host and goes out now.
    rig.send(query);
    expect((await rig.heard()).join()).toContain(`20${uuid}11`);
  });

  it('ignores a request for a bootloader that it does not have', async () => {
    const rig = new CanRig();
    rig.toolhead('t1', { application: 'klipper', katapult: 'none' });
    rig.admin({ type: 'requestBootloader', uuid });
    await rig.heard();
    rig.send(query);
    expect(await rig.heard()).toEqual([`3f1 20${uuid}01`]);
  });

  it('is gone from the bus after that request if its Katapult is built for USB', async () => {
    const rig = new CanRig();
    const t1 = rig.toolhead('t1', { application: 'klipper', katapult: 'usb', claimedAs: 4 });
    rig.admin({ type: 'requestBootloader', uuid });
    await rig.heard();
    rig.send(query);
    expect(await rig.heard()).toEqual([]);
    expect(t1.application).toBe('silent');
  });
});
