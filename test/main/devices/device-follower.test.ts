import type { PortPath } from '../../../app/place.ts';
import { describe, expect, it } from 'vitest';
import { portOf, type UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { DeviceFollower } from '../../../main/devices/device-follower.ts';
import type { DeviceSource, Scan, ScannedDevice } from '../../../main/devices/device-source.ts';

function scanned(portPath: PortPath, arrival: string, tty: string | null = null): ScannedDevice {
  return {
    device: {
      portPath,
      vendorId: 0x1d50,
      productId: 0x6177,
      bcdDevice: 0x0100,
      manufacturer: 'katapult',
      product: 'stm32f446xx',
      serialNumber: '430014000A50534E4E313120',
      interfaces: null,
      tty,
      access: { ok: true },
      driver: null,
    },
    arrival,
    native: { busNumber: 1, deviceAddress: 5 },
  };
}

/** A computer whose devices are set by hand. Scans return when they are released, or at once. */
class HandSource implements DeviceSource {
  devices: readonly ScannedDevice[] = [];
  unsettled = false;
  failure: Error | null = null;
  scans = 0;
  settleScans = 0;
  hint: () => void = () => undefined;
  watching = false;

  scan({ settle = false }: { settle?: boolean } = {}): Promise<Scan> {
    this.scans += 1;
    if (settle) this.settleScans += 1;
    if (this.failure) return Promise.reject(this.failure);
    return Promise.resolve({ devices: this.devices, unsettled: this.unsettled });
  }

  watch(hint: () => void): () => void {
    this.hint = hint;
    this.watching = true;
    return () => {
      this.watching = false;
    };
  }
}

/** A clock whose one sleep ends by hand. */
class HandClock implements Clock {
  wake: () => void = () => undefined;
  sleeping = 0;

  nowMs(): number {
    return 0;
  }

  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeping += 1;
    return new Promise((resolve, reject) => {
      this.wake = () => {
        this.sleeping -= 1;
        resolve();
      };
      signal?.addEventListener('abort', () => {
        this.sleeping -= 1;
        reject(signal.reason as Error);
      });
    });
  }
}

function setup() {
  const source = new HandSource();
  const clock = new HandClock();
  const follower = new DeviceFollower(source, clock);
  const told: string[] = [];
  const listener = (event: UsbDeviceEvent): void => {
    const tty = 'device' in event ? ` ${event.device.tty ?? '-'}` : '';
    told.push(`${event.type} ${portOf(event)}${tty}`);
  };
  return { source, clock, follower, told, listener };
}

/** Scans return at once here, so a few turns of the microtask queue see them reported. */
async function toldAll(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

describe('following devices', () => {
  it('reports the present devices before it resolves', async () => {
    const { source, follower, told, listener } = setup();
    source.devices = [scanned('1-1', '5'), scanned('1-2', '6')];
    await follower.add(listener);
    expect(told).toEqual(['attach 1-1 -', 'attach 1-2 -']);
  });

  it('distinguishes a change, a detach and another arrival', async () => {
    const { source, follower, told, listener } = setup();
    source.devices = [scanned('1-1', '5')];
    await follower.add(listener);
    source.devices = [scanned('1-1', '5', '/dev/ttyACM0')];
    source.hint();
    await toldAll();
    source.hint();
    await toldAll();
    source.devices = [scanned('1-1', '6')];
    source.hint();
    await toldAll();
    source.devices = [];
    source.hint();
    await toldAll();
    expect(told).toEqual([
      'attach 1-1 -',
      'change 1-1 /dev/ttyACM0',
      'detach 1-1',
      'attach 1-1 -',
      'detach 1-1',
    ]);
  });

  it('reports the present devices to every listener, also one that joins later', async () => {
    const { source, follower, told, listener } = setup();
    await follower.add(() => undefined);
    source.devices = [scanned('1-1', '5')];
    await follower.add(listener);
    expect(told).toEqual(['attach 1-1 -']);
  });

  it('scans once more for hints that came during a scan, not once for each', async () => {
    const { source, follower, listener } = setup();
    await follower.add(listener);
    const before = source.scans;
    for (let count = 0; count < 50; count += 1) source.hint();
    await toldAll();
    expect(source.scans - before).toBeLessThanOrEqual(2);
  });

  it('stops watching with the last listener and begins anew with the next', async () => {
    const { source, follower, told, listener } = setup();
    source.devices = [scanned('1-1', '5')];
    const remove = await follower.add(() => undefined);
    remove();
    expect(source.watching).toBe(false);
    await follower.add(listener);
    expect(told).toEqual(['attach 1-1 -']);
  });

  it('gives up to wait for a system that never settles a device', async () => {
    const { source, clock, follower, listener } = setup();
    source.unsettled = true;
    await follower.add(listener);
    expect({ sleeping: clock.sleeping, settleScans: source.settleScans }).toEqual({
      sleeping: 1,
      settleScans: 0,
    });
    source.unsettled = false;
    clock.wake();
    await toldAll();
    expect({ sleeping: clock.sleeping, settleScans: source.settleScans }).toEqual({
      sleeping: 0,
      settleScans: 1,
    });
  });

  it('stops waiting when the device settles or there is no listener', async () => {
    const { source, clock, follower, listener } = setup();
    source.unsettled = true;
    const remove = await follower.add(listener);
    source.unsettled = false;
    source.hint();
    await toldAll();
    expect(clock.sleeping).toBe(0);
    source.unsettled = true;
    source.hint();
    await toldAll();
    expect(clock.sleeping).toBe(1);
    remove();
    await toldAll();
    expect(clock.sleeping).toBe(0);
  });

  it('rejects with what the first scan throws and survives a later one', async () => {
    const { source, follower, told, listener } = setup();
    source.failure = new Error('no libusb');
    await expect(follower.add(listener)).rejects.toThrow('no libusb');
    expect(source.watching).toBe(false);
    source.failure = null;
    await follower.add(listener);
    source.failure = new Error('once');
    source.hint();
    await toldAll();
    source.failure = null;
    source.devices = [scanned('1-1', '5')];
    source.hint();
    await toldAll();
    expect(told).toEqual(['attach 1-1 -']);
  });
});
