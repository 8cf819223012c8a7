import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../../app/errors.ts';
import { openGsUsb } from '../../../../app/protocols/gs-usb/open-gs-usb.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';
import { KlipperBridgeLink } from './klipper-bridge-link.ts';

const uuid = '6beb0175188a';
const frame = (id: number, ...bytes: number[]) => ({ id, extended: false, data: Uint8Array.from(bytes) });

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

function setUp(options: { configurationDescriptor?: Uint8Array } = {}) {
  const clock = new VirtualClock();
  return { clock, bridge: new KlipperBridgeLink({ clock, uuid, ...options }) };
}

describe('openGsUsb', () => {
  it('asks in the order of the Linux driver and claims the interface', async () => {
    const { clock, bridge } = setUp();
    await using can = await openGsUsb(bridge, { clock, bitrateBps: 1_000_000 });
    expect(can.label).toContain('1d50:606f');
    expect(bridge.claimed).toEqual([0]);
    expect(bridge.controls).toEqual([
      '41 0 1 0 efbe0000',
      'c1 5 1 0',
      'c1 4 0 0',
      '41 1 0 0 0600000007000000020000000200000003000000',
      '41 2 0 0 0100000000000000',
    ]);
  });

  it('leaves the bit timing alone where no rate is asked for', async () => {
    const { clock, bridge } = setUp();
    const can = await openGsUsb(bridge, { clock });
    expect(bridge.controls.map((line) => line.split(' ')[1])).toEqual(['0', '5', '2']);
    await can.close();
  });

  it('refuses a device that is no such adapter', async () => {
    const { clock, bridge } = setUp({ configurationDescriptor: new Uint8Array(9) });
    expect(isCanopusError(await errorOf(openGsUsb(bridge, { clock })), 'link/protocol')).toBe(true);
    expect(bridge.claimed).toEqual([]);
  });

  it('receives what other nodes send and nothing of what it sent itself', async () => {
    const { clock, bridge } = setUp();
    await using can = await openGsUsb(bridge, { clock });
    await can.send(frame(0x3f0, 0));
    bridge.deliver(frame(0x3f1, 0x20, 1));
    await can.send(frame(0x200, 1, 2, 3));
    bridge.deliver(frame(0x201, 9));
    expect(await can.receive({ timeoutMs: 100 })).toEqual(frame(0x3f1, 0x20, 1));
    expect(await can.receive({ timeoutMs: 100 })).toEqual(frame(0x201, 9));
    expect(isCanopusError(await errorOf(can.receive({ timeoutMs: 100 })), 'link/timeout')).toBe(true);
    expect(bridge.handled).toEqual([frame(0x3f0, 0), frame(0x200, 1, 2, 3)]);
    expect(bridge.bulkOutEndpoints).toEqual([2, 2]);
  });

  it('reads echoes without a receiver, or the bridge would stall', async () => {
    const { clock, bridge } = setUp();
    await using can = await openGsUsb(bridge, { clock });
    for (let n = 0; n < 40; n++) await can.send(frame(0x100 + n));
    await clock.sleep(1);
    expect(bridge.handled).toHaveLength(40);
  });

  it('skips packets that are no frames, and error reports', async () => {
    const { clock, bridge } = setUp();
    await using can = await openGsUsb(bridge, { clock });
    bridge.deliverRaw(new Uint8Array(3));
    bridge.deliverRaw(Uint8Array.from([255, 255, 255, 255, 4, 0, 0, 0x20, ...new Array<number>(12).fill(0)]));
    bridge.deliver(frame(0x7ff));
    expect(await can.receive({ timeoutMs: 10 })).toEqual(frame(0x7ff));
  });

  it('keeps a bounded number of unfetched frames: the newest', async () => {
    const { clock, bridge } = setUp();
    await using can = await openGsUsb(bridge, { clock });
    for (let n = 0; n < 3000; n++) bridge.deliver(frame(n & 0x7ff, n & 0xff, n >> 8));
    await clock.sleep(1);
    let last = await can.receive({ timeoutMs: 10 });
    let count = 1;
    while ((await errorOf(can.receive({ timeoutMs: 10 }).then((next) => (last = next)))) === null) count += 1;
    expect(count).toBe(1024);
    expect(last.data).toEqual(Uint8Array.of(2999 & 0xff, 2999 >> 8));
  });

  it('stops the channel and says link/closed after close, and leaves the UsbLink open', async () => {
    const { clock, bridge } = setUp();
    const can = await openGsUsb(bridge, { clock });
    const waiting = errorOf(can.receive({ timeoutMs: 10_000 }));
    await can.close();
    await can.close();
    expect(isCanopusError(await waiting, 'link/closed')).toBe(true);
    expect(isCanopusError(await errorOf(can.send(frame(1))), 'link/closed')).toBe(true);
    expect(bridge.controls.at(-1)).toBe('41 2 0 0 0000000000000000');
    expect(bridge.closes).toBe(0);
  });

  it('says link/gone after unplug, also to a reader that waits', async () => {
    const { clock, bridge } = setUp();
    await using can = await openGsUsb(bridge, { clock });
    const waiting = errorOf(can.receive({ timeoutMs: 10_000 }));
    bridge.unplug();
    expect(isCanopusError(await waiting, 'link/gone')).toBe(true);
    expect(isCanopusError(await errorOf(can.send(frame(1))), 'link/gone')).toBe(true);
  });

  it('ends a wait when its signal is aborted, and loses no frame by it', async () => {
    const { clock, bridge } = setUp();
    await using can = await openGsUsb(bridge, { clock });
    const cancel = new AbortController();
    const waiting = errorOf(can.receive({ timeoutMs: 10_000, signal: cancel.signal }));
    cancel.abort();
    expect(await waiting).toBe(cancel.signal.reason);
    bridge.deliver(frame(0x123));
    expect(await can.receive({ timeoutMs: 10 })).toEqual(frame(0x123));
  });
});
