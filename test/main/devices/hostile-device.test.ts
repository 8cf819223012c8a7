import { describe, expect, it } from 'vitest';
import type { PortPath } from '../../../app/place.ts';
import type { UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import { DeviceFollower } from '../../../main/devices/device-follower.ts';
import type { DeviceSource, Scan } from '../../../main/devices/device-source.ts';
import type { HostSystem } from '../../../main/devices/host-system.ts';
import { LibusbSource } from '../../../main/devices/libusb-source.ts';
import type { NativeDevice } from '../../../main/devices/libusb.ts';
import type { OpenPort } from '../../../main/devices/serial-binding.ts';
import { SerialLink } from '../../../main/devices/serial-link.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';

/** As libusb lists a chip in ROM DFU. `strings` is what it does when it is asked for one. */
function native(port: number, strings: NativeDevice['getStringDescriptor']): NativeDevice {
  const ignore = (): void => undefined;
  return {
    ...{ busNumber: 1, deviceAddress: port, portNumbers: [port], configDescriptor: undefined },
    deviceDescriptor: {
      ...{ bDeviceClass: 0, idVendor: 0x0483, idProduct: 0xdf11, bcdDevice: 0x2200 },
      ...{ iManufacturer: 1, iProduct: 2, iSerialNumber: 3, bNumConfigurations: 1 },
    },
    ...{ open: ignore, close: ignore, getStringDescriptor: strings },
    ...{ __claimInterface: ignore, __detachKernelDriver: ignore, __attachKernelDriver: ignore },
    ...{ __releaseInterface: ignore, __setInterface: ignore, __clearHalt: ignore },
    __isKernelDriverActive: () => false,
  };
}

function macWith(natives: NativeDevice[]): HostSystem {
  return {
    ...{ platform: 'darwin', pnp: null },
    loadLibusb: () =>
      Promise.resolve({
        ...{ getDeviceList: () => natives, on: () => undefined, off: () => undefined },
        transfer: () => {
          throw new Error('no transfer is expected');
        },
      }),
    loadSerial: () =>
      Promise.resolve({ list: () => Promise.resolve([]), open: () => Promise.reject(new Error('no port')) }),
    whyNotOpen: () => Promise.resolve('ENODEV'),
    mayUse: () => Promise.resolve({ ok: true }),
  };
}

describe('a device that never sends its strings', () => {
  it('is listed without them, and does not hide the board beside it', async () => {
    const clock = new VirtualClock();
    const silent = native(1, () => undefined);
    const honest = native(2, (index, done) => done(undefined, `string ${index}`));
    const source = new LibusbSource(macWith([silent, honest]), clock);
    const { devices } = await source.scan();
    expect(devices.map(({ device }) => [device.portPath, device.serialNumber])).toEqual([
      ['1-1', null],
      ['1-2', 'string 3'],
    ]);
    expect(clock.nowMs()).toBeLessThanOrEqual(5_000);
  });
});

describe('a device that comes and goes faster than it can be looked at', () => {
  it('does not keep a later listener from its first report', async () => {
    let hint = (): void => undefined;
    let arrivals = 0;
    const source: DeviceSource = {
      scan: async (): Promise<Scan> => {
        await new Promise((resolve) => setImmediate(resolve));
        // A change during every look.
        hint();
        arrivals += 1;
        const device = {
          ...{ portPath: '1-1' as PortPath, vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0 },
          ...{ manufacturer: null, product: null, serialNumber: null, interfaces: null, tty: null },
          ...{ access: { ok: true as const }, driver: null },
        };
        return { devices: [{ device, arrival: String(arrivals), native: null }], unsettled: false };
      },
      watch: (listener) => {
        hint = listener;
        return () => (hint = () => undefined);
      },
    };
    const follower = new DeviceFollower(source, new VirtualClock());
    const told: UsbDeviceEvent['type'][] = [];
    await follower.add(({ type }) => told.push(type));
    await follower.add(() => undefined);
    follower.close();
    expect(arrivals).toBeLessThan(10);
    expect(told[0]).toBe('attach');
  });
});

describe('a serial device that never stops', () => {
  /** A port that has as many bytes as are asked for, at once, and counts them. */
  class Flood implements OpenPort {
    sent = 0;
    #isOpen = true;

    async read(buffer: Buffer, offset: number, length: number): Promise<{ bytesRead: number }> {
      await new Promise((resolve) => setImmediate(resolve));
      if (!this.#isOpen) throw new Error('closed');
      buffer.fill(0x55, offset, offset + length);
      this.sent += length;
      return { bytesRead: length };
    }

    write = () => Promise.resolve();
    flush = () => Promise.resolve();
    set = () => Promise.resolve();
    close = (): Promise<void> => {
      this.#isOpen = false;
      return Promise.resolve();
    };
  }

  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it('is not read any further than a reader keeps up with, and no byte is lost', async () => {
    const port = new Flood();
    const system = {
      ...macWith([]),
      loadSerial: () =>
        Promise.resolve({ list: () => Promise.resolve([]), open: () => Promise.resolve(port) }),
    };
    const link = await SerialLink.open('/dev/cu.flood', 115_200, new VirtualClock(), system);
    await turns(200);
    const held = port.sent;
    expect(held).toBeLessThanOrEqual((64 + 4) * 1024);
    let read = 0;
    for (let round = 0; round < 5; round++) {
      const bytes = await link.read({ timeoutMs: 1000 });
      expect(bytes.length).toBeLessThanOrEqual((64 + 4) * 1024);
      read += bytes.length;
      await turns(5);
    }
    expect(read).toBeGreaterThanOrEqual(held);
    expect(port.sent - read).toBeLessThanOrEqual((64 + 4) * 1024);
    await turns(200);
    await link.close();
    const atEnd = port.sent;
    await turns(20);
    expect(port.sent).toBe(atEnd);
  });
});
