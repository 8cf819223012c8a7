import { type PortPath, isPortPath } from '../../app/place.ts';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Access, UsbDevice } from '../../app/boards/usb-device.ts';
import type { DeviceSource, Scan, ScannedDevice } from './device-source.ts';
import { systemErrorCode } from './native-errors.ts';
import { NodeWatch } from './node-watch.ts';

/** Where Linux shows its devices; other folders in tests. */
interface LinuxRoots {
  readonly sys: string;
  readonly dev: string;
  readonly udev: string;
}

const hubClass = '09';

/** What a device says about itself; it does not change while the device stays plugged in. */
interface Identity {
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
  readonly manufacturer: string | null;
  readonly product: string | null;
  readonly serialNumber: string | null;
  readonly interfaces: readonly string[];
  readonly isHub: boolean;
}

/** Whether this process may use a device node; `pending` while udevd has yet to decide. */
type NodeState = Access | 'pending' | 'absent';

/**
 * Reads USB devices from sysfs, which needs no permission and opens nothing, and learns of changes from inotify on the
 * device nodes: that covers plugging, serial ports and permissions, with or without a running udevd.
 */
export class LinuxSource implements DeviceSource {
  readonly #roots: LinuxRoots;
  readonly #identities = new Map<string, Identity>();
  /** Arrivals for which a scan with `settle` no longer waits for udevd. */
  readonly #given = new Set<string>();
  readonly #watches = new Set<NodeWatch>();
  #allUsable = true;

  readonly #tryNode: (file: string) => void;

  /** `tryNode` throws as `accessSync` does for a node that this process may not read and write. */
  constructor(
    roots: LinuxRoots = { sys: '/sys', dev: '/dev', udev: '/run/udev' },
    tryNode = (file: string): void => accessSync(file, constants.R_OK | constants.W_OK),
  ) {
    this.#roots = roots;
    this.#tryNode = tryNode;
  }

  async scan({ settle = false }: { settle?: boolean } = {}): Promise<Scan> {
    this.#cover();
    const home = path.join(this.#roots.sys, 'bus/usb/devices');
    const names = entries(home).filter(isPortPath).sort();
    const found = await Promise.all(names.map((name) => this.#look(path.join(home, name), name, settle)));
    const devices: ScannedDevice[] = [];
    let unsettled = false;
    for (const entry of found) {
      if (entry === null) continue;
      unsettled ||= entry.unsettled;
      if (entry.scanned) devices.push(entry.scanned);
    }
    for (const arrival of this.#identities.keys()) {
      if (found.some((entry) => entry?.arrival === arrival)) continue;
      this.#identities.delete(arrival);
      this.#given.delete(arrival);
    }
    this.#allUsable = !unsettled && devices.every(({ device }) => device.access.ok);
    return { devices, unsettled };
  }

  watch(hint: () => void): () => void {
    const { dev, udev } = this.#roots;
    const watch = new NodeWatch(hint, (folder, name, isNew) => {
      if (folder === path.join(udev, 'data')) return !this.#allUsable && name.startsWith('c');
      // A write to a serial port also changes its node: a change matters only while one is unusable.
      if (!isNew) return !this.#allUsable;
      return folder !== dev || /^(bus$|ttyACM|ttyUSB)/.test(name);
    });
    this.#watches.add(watch);
    this.#cover();
    return () => {
      this.#watches.delete(watch);
      watch.close();
    };
  }

  /** Buses come and go, and the next device may appear on an empty one: every scan watches all of them. */
  #cover(): void {
    const { dev, udev } = this.#roots;
    const usb = path.join(dev, 'bus/usb');
    const buses = entries(usb).map((bus) => path.join(usb, bus));
    const folders = [dev, path.join(dev, 'bus'), usb, path.join(udev, 'data'), ...buses];
    for (const watch of this.#watches) watch.cover(...folders);
  }

  /** Null if it is not a device of interest, or disappeared during the look. */
  async #look(
    folder: string,
    portPath: PortPath,
    settle: boolean,
  ): Promise<{ arrival: string; scanned: ScannedDevice | null; unsettled: boolean } | null> {
    const busNumber = Number(textAtOnce(folder, 'busnum'));
    const deviceAddress = Number(textAtOnce(folder, 'devnum'));
    if (!busNumber || !deviceAddress) return null;
    const arrival = `${busNumber}:${deviceAddress}`;
    const identity = this.#identities.get(arrival) ?? (await readIdentity(folder));
    if (identity === null) return null;
    this.#identities.set(arrival, identity);
    const { isHub, ...told } = identity;
    if (isHub) return { arrival, scanned: null, unsettled: false };
    if (settle) this.#given.add(arrival);
    const wait = !this.#given.has(arrival);

    const bus = path.join('bus/usb', String(busNumber).padStart(3, '0'));
    const node = this.#node(path.join(bus, String(deviceAddress).padStart(3, '0')), folder, wait);
    // The kernel removes the node first, then the rest: without a node the device is going away.
    if (node === 'absent') return null;
    if (node === 'pending') return { arrival, scanned: null, unsettled: true };
    const serial = this.#serialPort(folder, wait);
    const device: UsbDevice = {
      portPath,
      ...told,
      tty: serial?.tty ?? null,
      access: serial?.access ?? node,
      driver: null,
    };
    const scanned = { device, arrival, native: { busNumber, deviceAddress } };
    return { arrival, scanned, unsettled: serial?.tty === null };
  }

  /** The first serial port below a device; a `tty` of null means one that is still being set up. */
  #serialPort(
    folder: string,
    wait: boolean,
  ): { tty: string; access: Access } | { tty: null; access: null } | null {
    const interfaces = entries(folder)
      .filter((name) => name.includes(':'))
      .sort();
    for (const name of interfaces) {
      // cdc_acm: INTERFACE/tty/ttyACM0. USB to serial converters: INTERFACE/ttyUSB0/tty/ttyUSB0.
      const below = entries(path.join(folder, name));
      const parent = below.includes('tty') ? '' : (below.find((entry) => entry.startsWith('ttyUSB')) ?? null);
      if (parent === null) continue;
      const home = path.join(folder, name, parent, 'tty');
      const [tty] = entries(home);
      if (tty === undefined) continue;
      const state = this.#node(tty, path.join(home, tty), wait);
      if (state === 'absent' || state === 'pending') return { tty: null, access: null };
      return { tty: path.join(this.#roots.dev, tty), access: state };
    }
    return null;
  }

  #node(name: string, sysfs: string, wait: boolean): NodeState {
    const node = path.join(this.#roots.dev, name);
    try {
      this.#tryNode(node);
      return { ok: true };
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT') return 'absent';
      if (wait && this.#udevIsAtWork(sysfs)) return 'pending';
      return { ok: false, code: code === 'EACCES' || code === 'EPERM' ? 'link/access' : 'link/io' };
    }
  }

  /** udevd runs and has not handled the device yet: its permissions are still the kernel's own. */
  #udevIsAtWork(sysfs: string): boolean {
    const { udev } = this.#roots;
    const number = textAtOnce(sysfs, 'dev');
    if (number === null || !existsSync(path.join(udev, 'control'))) return false;
    return !existsSync(path.join(udev, 'data', `c${number}`));
  }
}

async function readIdentity(folder: string): Promise<Identity | null> {
  // Reading these waits in the kernel until it has configured the device, so its interfaces exist afterwards.
  const [vendor, product, bcdDevice, deviceClass] = await Promise.all(
    ['idVendor', 'idProduct', 'bcdDevice', 'bDeviceClass', 'bConfigurationValue'].map((name) =>
      text(folder, name),
    ),
  );
  if (!vendor || !product || !bcdDevice || !deviceClass) return null;
  return {
    vendorId: parseInt(vendor, 16),
    productId: parseInt(product, 16),
    bcdDevice: parseInt(bcdDevice, 16),
    manufacturer: await text(folder, 'manufacturer'),
    product: await text(folder, 'product'),
    serialNumber: await text(folder, 'serial'),
    interfaces: await readInterfaces(folder),
    isHub: deviceClass === hubClass,
  };
}

/** A configured device's interfaces are folders such as `1-4:1.0`. */
async function readInterfaces(folder: string): Promise<readonly string[]> {
  const numberOf = (name: string): number => Number(name.slice(name.lastIndexOf('.') + 1));
  const names = entries(folder).filter((name) => /:\d+\.\d+$/.test(name));
  names.sort((one, other) => numberOf(one) - numberOf(other));
  return Promise.all(
    names.map(async (name) => {
      const parts = ['bInterfaceClass', 'bInterfaceSubClass', 'bInterfaceProtocol'];
      return (await Promise.all(parts.map((part) => text(path.join(folder, name), part)))).join('/');
    }),
  );
}

/** A sysfs attribute without its line end; null if it does not exist (any more). May wait for the kernel. */
async function text(folder: string, name: string): Promise<string | null> {
  try {
    return (await readFile(path.join(folder, name), 'utf8')).replace(/\n$/, '');
  } catch {
    return null;
  }
}

/** Like `text`, for attributes that the kernel returns at once: faster than through a thread. */
function textAtOnce(folder: string, name: string): string | null {
  try {
    return readFileSync(path.join(folder, name), 'utf8').replace(/\n$/, '');
  } catch {
    return null;
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
