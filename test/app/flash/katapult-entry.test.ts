import { describe, expect, it } from 'vitest';
import { canbusUuid } from '../../../app/boards/canbus-uuid.ts';
import { isCanopusError } from '../../../app/errors.ts';
import { requestBootloaderOverBridge } from '../../../app/flash/katapult-entry.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { bench, board, someUid, untilRunning, withBridge } from '../../main/sim/bench-rig.ts';
import { KlipperBridgeLink, type BridgeOptions } from '../protocols/gs-usb/klipper-bridge-link.ts';
import { toHex } from '../protocols/katapult/vectors.ts';

const uuid = '6beb0175188a';

function setUp(options: Partial<BridgeOptions> = {}) {
  const clock = new VirtualClock();
  return { clock, bridge: new KlipperBridgeLink({ clock, uuid, ...options }) };
}

describe('requestBootloaderOverBridge', () => {
  it('sends 02 and the UUID on 0x3f0 and resolves when the bridge has left', async () => {
    const { clock, bridge } = setUp();
    await requestBootloaderOverBridge(bridge, uuid, clock);
    expect(bridge.handled.map(({ id, data }) => [id, toHex(data)])).toEqual([[0x3f0, '026beb0175188a']]);
    expect(clock.nowMs()).toBeLessThan(100);
  });

  it('brings a virtual board from its bridge into Katapult', async () => {
    const rig = bench(
      board({ flash: withBridge, canNodes: [{ uuid: '44db3d634885', application: 'klipper' }] }),
    );
    await untilRunning(rig.bench, 'a', 'can-bridge');
    await using link = await rig.devices.openUsb('1-1');
    await requestBootloaderOverBridge(link, canbusUuid(someUid), rig.clock);
    await untilRunning(rig.bench, 'a', 'katapult');
    await rig.bench[Symbol.asyncDispose]();
  });

  it('asks again when a request got lost', async () => {
    const { clock, bridge } = setUp({ lostRequests: 2 });
    await requestBootloaderOverBridge(bridge, uuid, clock);
    expect(bridge.handled).toHaveLength(3);
  });

  it('takes a broken transfer after the request for the leaving that it is', async () => {
    const { clock, bridge } = setUp({ goneAs: 'link/io' });
    await requestBootloaderOverBridge(bridge, uuid, clock);
    expect(bridge.handled).toHaveLength(1);
  });

  it('says katapult/not-entered, with the board untouched, where the bridge is another one', async () => {
    const { clock, bridge } = setUp({ uuid: '44db3d634885' });
    const error = await requestBootloaderOverBridge(bridge, uuid, clock).catch((thrown: unknown) => thrown);
    expect(isCanopusError(error, 'katapult/not-entered')).toBe(true);
    expect(error).toMatchObject({ state: 'untouched', details: { canbusUuid: uuid } });
    expect(clock.nowMs()).toBeLessThan(6000);
    expect(bridge.controls.at(-1)).toBe('41 2 0 0 0000000000000000');
  });

  it('says link/gone where the bridge was gone before it could be asked', async () => {
    const { clock, bridge } = setUp();
    bridge.unplug();
    const error = await requestBootloaderOverBridge(bridge, uuid, clock).catch((thrown: unknown) => thrown);
    expect(isCanopusError(error, 'link/gone')).toBe(true);
  });

  it('ends on abort and stops the channel', async () => {
    const { clock, bridge } = setUp({ lostRequests: 9 });
    const cancel = new AbortController();
    const run = requestBootloaderOverBridge(bridge, uuid, clock, cancel.signal).catch(
      (thrown: unknown) => thrown,
    );
    await clock.sleep(500);
    cancel.abort();
    expect(await run).toBe(cancel.signal.reason);
    expect(bridge.controls.at(-1)).toBe('41 2 0 0 0000000000000000');
  });
});
