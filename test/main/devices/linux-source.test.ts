import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LinuxSource } from '../../../main/devices/linux-source.ts';

/** A folder that looks like /sys, /dev and /run/udev do, with the files that the kernel and udevd make. */
class FakeLinux {
  readonly root: string;
  readonly roots: { sys: string; dev: string; udev: string };

  constructor(root: string) {
    this.root = root;
    this.roots = { sys: path.join(root, 'sys'), dev: path.join(root, 'dev'), udev: path.join(root, 'udev') };
  }

  async write(file: string, content = ''): Promise<void> {
    const target = path.join(this.root, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content);
  }

  async plug(portPath: string, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
    const [bus = '1'] = portPath.split('-');
    const all = {
      busnum: bus,
      devnum: '5',
      idVendor: '0483',
      idProduct: 'df11',
      bcdDevice: '2200',
      bDeviceClass: '00',
      bConfigurationValue: '1',
      dev: '189:4',
      manufacturer: 'STMicroelectronics',
      product: 'STM32  BOOTLOADER',
      serial: 'STM32FxSTM32',
      ...attributes,
    };
    const folder = `sys/bus/usb/devices/${portPath}`;
    for (const [name, value] of Object.entries(all)) await this.write(`${folder}/${name}`, `${value}\n`);
    await this.write(`dev/bus/usb/${bus.padStart(3, '0')}/${all.devnum.padStart(3, '0')}`);
  }

  async serialPort(portPath: string, tty: string): Promise<void> {
    await this.write(`sys/bus/usb/devices/${portPath}/${portPath}:1.0/tty/${tty}/dev`, '166:0\n');
    await this.write(`dev/${tty}`);
  }
}

let linux: FakeLinux;
beforeEach(async () => {
  linux = new FakeLinux(await mkdtemp(path.join(tmpdir(), 'canopus-linux-')));
});
afterEach(() => rm(linux.root, { recursive: true, force: true }));

describe('USB devices of Linux', () => {
  it('list the class of each interface, in the order of their numbers', async () => {
    await linux.plug('1-4.2', { idVendor: '1d50', idProduct: '606f' });
    const classes = { bInterfaceClass: 'ff', bInterfaceSubClass: 'fe', bInterfaceProtocol: '01' };
    for (const number of [10, 0]) {
      const folder = `sys/bus/usb/devices/1-4.2/1-4.2:1.${number}`;
      const all = number === 0 ? { ...classes, bInterfaceSubClass: 'ff' } : classes;
      for (const [name, value] of Object.entries(all)) await linux.write(`${folder}/${name}`, `${value}\n`);
    }
    const { devices } = await new LinuxSource(linux.roots).scan();
    expect(devices[0]?.device.interfaces).toEqual(['ff/ff/01', 'ff/fe/01']);
  });

  it('are none where the system has no USB at all', async () => {
    expect(await new LinuxSource(linux.roots).scan()).toEqual({ devices: [], unsettled: false });
  });

  it('are read from sysfs with every string unchanged', async () => {
    await linux.plug('1-4.2');
    const { devices } = await new LinuxSource(linux.roots).scan();
    expect(devices).toEqual([
      {
        device: {
          portPath: '1-4.2',
          vendorId: 0x0483,
          productId: 0xdf11,
          bcdDevice: 0x2200,
          manufacturer: 'STMicroelectronics',
          product: 'STM32  BOOTLOADER',
          serialNumber: 'STM32FxSTM32',
          interfaces: [],
          tty: null,
          access: { ok: true },
          driver: null,
        },
        arrival: '1:5',
        native: { busNumber: 1, deviceAddress: 5 },
      },
    ]);
  });

  it('leave out hubs, root hubs and interfaces', async () => {
    await linux.plug('1-4', { bDeviceClass: '09' });
    await linux.write('sys/bus/usb/devices/usb1/idVendor', '1d6b\n');
    await linux.write('sys/bus/usb/devices/1-4:1.0/bInterfaceClass', '09\n');
    expect((await new LinuxSource(linux.roots).scan()).devices).toEqual([]);
  });

  it('return missing strings as null', async () => {
    await linux.plug('2-1');
    await rm(path.join(linux.root, 'sys/bus/usb/devices/2-1/serial'));
    await rm(path.join(linux.root, 'sys/bus/usb/devices/2-1/manufacturer'));
    const { devices } = await new LinuxSource(linux.roots).scan();
    expect(devices[0]?.device).toMatchObject({ serialNumber: null, manufacturer: null });
  });

  it('have the serial port that sysfs shows below one of their interfaces', async () => {
    await linux.plug('1-1', { devnum: '7' });
    await linux.serialPort('1-1', 'ttyACM3');
    const { devices } = await new LinuxSource(linux.roots).scan();
    expect(devices[0]?.device.tty).toBe(path.join(linux.roots.dev, 'ttyACM3'));
  });

  it('find the port of a USB to serial converter, which sits one level deeper', async () => {
    await linux.plug('1-1');
    await linux.write('sys/bus/usb/devices/1-1/1-1:1.0/ttyUSB0/tty/ttyUSB0/dev', '188:0\n');
    await linux.write('dev/ttyUSB0');
    const { devices } = await new LinuxSource(linux.roots).scan();
    expect(devices[0]?.device.tty).toBe(path.join(linux.roots.dev, 'ttyUSB0'));
  });

  it('wait for the node of a serial port that the kernel has yet to make', async () => {
    await linux.plug('1-1');
    await linux.write('sys/bus/usb/devices/1-1/1-1:1.0/tty/ttyACM0/dev', '166:0\n');
    const { devices, unsettled } = await new LinuxSource(linux.roots).scan();
    expect({ tty: devices[0]?.device.tty, unsettled }).toEqual({ tty: null, unsettled: true });
  });

  it('are gone as soon as their node is, whatever sysfs still shows', async () => {
    await linux.plug('1-1');
    await rm(path.join(linux.root, 'dev/bus/usb/001/005'));
    expect((await new LinuxSource(linux.roots).scan()).devices).toEqual([]);
  });
});

describe('devices that this user may not open', () => {
  // Not by file modes: they mean nothing to root.
  const refuse = (): never => {
    throw Object.assign(new Error('no'), { code: 'EACCES' });
  };

  beforeEach(() => linux.plug('1-1'));

  it('are shown as such where no udevd will change it', async () => {
    const { devices } = await new LinuxSource(linux.roots, refuse).scan();
    expect(devices[0]?.device.access).toEqual({ ok: false, code: 'link/access' });
  });

  it('are held back until udevd has filed them', async () => {
    await linux.write('udev/control');
    const source = new LinuxSource(linux.roots, refuse);
    expect(await source.scan()).toEqual({ devices: [], unsettled: true });
    await linux.write('udev/data/c189:4', 'I:123\n');
    expect((await source.scan()).devices[0]?.device.access).toEqual({ ok: false, code: 'link/access' });
  });

  it('are shown at last when udevd never files them', async () => {
    await linux.write('udev/control');
    const source = new LinuxSource(linux.roots, refuse);
    expect((await source.scan({ settle: true })).devices).toHaveLength(1);
    expect((await source.scan()).devices).toHaveLength(1);
  });
});

describe('hints of Linux', () => {
  it.each([
    ['that was not there before', 'bus/usb'],
    ['that was empty', 'bus/usb/003'],
  ])('come when a device appears on a bus %s', async (_bus, folder) => {
    await mkdir(path.join(linux.roots.dev, folder), { recursive: true });
    const source = new LinuxSource(linux.roots);
    let look = (): void => undefined;
    const stop = source.watch(() => look());
    const found = new Promise<void>((resolve) => {
      look = () => {
        void source.scan().then(({ devices }) => {
          if (devices.length > 0) resolve();
        });
      };
    });
    await linux.plug('3-2');
    await found;
    stop();
  });

  it('come when a serial port appears, and not on a write to it', async () => {
    await mkdir(linux.roots.dev, { recursive: true });
    const source = new LinuxSource(linux.roots);
    let hints = 0;
    let onHint = (): void => undefined;
    const stop = source.watch(() => {
      hints += 1;
      onHint();
    });
    const appeared = new Promise<void>((resolve) => (onHint = resolve));
    await linux.write('dev/ttyACM0');
    await appeared;
    await source.scan();
    hints = 0;
    await linux.write('dev/ttyACM0', 'written');
    // Events of one folder come in order: when this one is here, a hint for the write would have been.
    const next = new Promise<void>((resolve) => (onHint = resolve));
    await symlink('ttyACM0', path.join(linux.roots.dev, 'ttyACM1'));
    await next;
    stop();
    expect(hints).toBe(1);
  });
});
