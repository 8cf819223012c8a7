import { describe, expect, it } from 'vitest';
import { openGsUsb } from '../../../../app/protocols/gs-usb/open-gs-usb.ts';
import {
  encodeAdminMessage,
  parseAdminFrame,
  type AdminMessage,
} from '../../../../app/protocols/klipper-can/admin-frame.ts';
import type { CanLink } from '../../../../app/transport/can-link.ts';
import type { UsbLink } from '../../../../app/transport/usb-link.ts';
import { makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import {
  application,
  bench,
  board,
  flashStart,
  untilRunning,
  withBridge,
  withKatapult,
} from '../bench-rig.ts';

const bridgeUuid = '6beb0175188a';
const klipperNode = { uuid: '44db3d634885', application: 'klipper' } as const;
const katapultNode = { uuid: 'a396d68a95a3', application: 'katapult' } as const;
const soon = { timeoutMs: 1000 };

async function openBridge(...args: Parameters<typeof board>) {
  const rig = bench(board({ flash: withBridge, ...args[0] }));
  await untilRunning(rig.bench, 'a', 'can-bridge');
  const usb = await rig.devices.openUsb('1-1');
  const can = await openGsUsb(usb, { clock: rig.clock, bitrateBps: 1_000_000 });
  return { ...rig, usb, can };
}

async function answers(can: CanLink, message: AdminMessage): Promise<(AdminMessage | null)[]> {
  await can.send(encodeAdminMessage(message));
  const all: (AdminMessage | null)[] = [];
  for (;;) {
    const frame = await can.receive(soon).catch(() => null);
    if (frame === null) return all;
    all.push(parseAdminFrame(frame));
  }
}

describe('virtual Klipper bridge', () => {
  it('replies to a query with the UUID that follows from its chip', async () => {
    const { can } = await openBridge();
    expect(await answers(can, { type: 'queryUnassigned' })).toEqual([
      { type: 'needNodeId', uuid: bridgeUuid, application: 'klipper' },
    ]);
  });

  it('lets the nodes behind it reply too', async () => {
    const { can } = await openBridge({ canNodes: [klipperNode, katapultNode] });
    const uuids = (await answers(can, { type: 'queryUnassigned' })).map(
      (answer) => answer?.type === 'needNodeId' && `${answer.uuid} ${answer.application}`,
    );
    expect(uuids.sort()).toEqual(['44db3d634885 klipper', '6beb0175188a klipper', 'a396d68a95a3 katapult']);
  });

  it('is silent once it has a node id, until another node takes the same', async () => {
    const { can } = await openBridge();
    await can.send(encodeAdminMessage({ type: 'setKlipperNodeId', uuid: bridgeUuid, nodeId: 4 }));
    expect(await answers(can, { type: 'queryUnassigned' })).toEqual([]);
    await can.send(encodeAdminMessage({ type: 'setKlipperNodeId', uuid: klipperNode.uuid, nodeId: 4 }));
    expect(await answers(can, { type: 'queryUnassigned' })).toHaveLength(1);
  });

  it('does not reach nodes of another bit rate', async () => {
    const { can } = await openBridge({ canNodes: [{ ...klipperNode, bitrateBps: 500_000 }] });
    expect(await answers(can, { type: 'queryUnassigned' })).toHaveLength(1);
  });

  it('does not reach any node with firmware for other pins', async () => {
    const bytes = makeKlipperImage({ pins: ['PB8', 'PB9'] });
    const { can } = await openBridge({
      canNodes: [klipperNode],
      flash: [...withKatapult, { address: application, bytes }],
    });
    expect(await answers(can, { type: 'queryUnassigned' })).toHaveLength(1);
  });

  it('restarts into Katapult when it is asked by its own UUID', async () => {
    const { can, bench: virtual } = await openBridge();
    await can.send(encodeAdminMessage({ type: 'requestBootloader', uuid: bridgeUuid }));
    await untilRunning(virtual, 'a', 'katapult');
    virtual.board('a').reset();
    await untilRunning(virtual, 'a', 'can-bridge');
  });

  it('restarts into the ROM where there is no Katapult', async () => {
    const bytes = makeKlipperImage({ applicationAddress: flashStart });
    const { can, bench: virtual } = await openBridge({ flash: [{ address: flashStart, bytes }] });
    await can.send(encodeAdminMessage({ type: 'requestBootloader', uuid: bridgeUuid }));
    await untilRunning(virtual, 'a', 'dfu');
    virtual.board('a').reset();
    await untilRunning(virtual, 'a', 'can-bridge');
  });

  it('returns every frame of the host before it replies', async () => {
    const { usb, can } = await openBridge();
    await can.close();
    await sendRaw(usb, 7);
    const [echo, answer] = [await readRaw(usb), await readRaw(usb)];
    expect(echo).toHaveLength(20);
    expect([...echo.subarray(0, 6)]).toEqual([7, 0, 0, 0, 0xf0, 0x03]);
    expect([...answer.subarray(0, 4)]).toEqual([0xff, 0xff, 0xff, 0xff]);
  });

  it('takes no more frames than it can hold while the host does not read', async () => {
    const { usb, can } = await openBridge();
    await can.close();
    let taken = 0;
    for (; taken < 40; taken++) {
      const refused = await sendRaw(usb, taken).then(
        () => false,
        () => true,
      );
      if (refused) break;
    }
    expect(taken).toBeGreaterThanOrEqual(16);
    expect(taken).toBeLessThan(24);
  });
});

function sendRaw(usb: UsbLink, echoId: number): Promise<void> {
  const query = encodeAdminMessage({ type: 'queryUnassigned' });
  const frame = new Uint8Array(20);
  frame.set([echoId, 0, 0, 0, query.id & 0xff, query.id >> 8, 0, 0, query.data.length]);
  return usb.bulkOut(0x02, frame, { timeoutMs: 100 });
}

function readRaw(usb: UsbLink): Promise<Uint8Array> {
  return usb.bulkIn(0x81, 64, { timeoutMs: 1000 });
}
