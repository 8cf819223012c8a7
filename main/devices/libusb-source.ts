import { boardMode, needsTty } from '../../app/boards/board-mode.ts';
import type { Access, UsbDevice } from '../../app/boards/usb-device.ts';
import type { PortPath } from '../../app/place.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { DeviceSource, Scan, ScannedDevice } from './device-source.ts';
import type { HostSystem } from './host-system.ts';
import { interfacesOf, portPathOf, type NativeDevice } from './libusb.ts';
import { rootPath } from './windows/place-devices.ts';
import { noStrings, readStrings, type DeviceStrings } from './libusb-strings.ts';
import { cuPath, portOfDevice, type SerialPortInfo, type SerialPortOwner } from './serial-ports.ts';
import { DriverlessDevices, type ListedNative } from './windows/driverless-devices.ts';
import type { PnpDevice } from './windows/pnp-tree.ts';

const hubClass = 9;

/**
 * A serial port appears some time after its device (Windows may install a driver first), and no event announces it
 * there. While one is missing, look for it this often and this long.
 */
const serialPortIntervalMs = 250;
const serialPortPatienceMs = 30_000;

interface Seen {
  readonly arrival: string;
  readonly sinceMs: number;
  readonly strings: DeviceStrings;
}

interface Native extends ListedNative {
  readonly native: NativeDevice;
  readonly isHub: boolean;
}

/**
 * The devices of macOS and Windows from libusb, their serial ports from the serialport module, and on Windows also its
 * own list: libusb leaves out devices without a driver (libusb's windows_winusb.c, `init_device`: no configuration),
 * and reads no strings from devices with a driver that is not its own.
 */
export class LibusbSource implements DeviceSource {
  readonly #system: HostSystem;
  readonly #clock: Clock;
  /** Promises, so that two scans at once do not open a device twice. */
  readonly #seen = new WeakMap<NativeDevice, Promise<Seen>>();
  readonly #driverless = new DriverlessDevices();
  readonly #hints = new Set<() => void>();
  #arrivals = 0;
  #looking: AbortController | null = null;

  constructor(system: HostSystem, clock: Clock) {
    this.#system = system;
    this.#clock = clock;
  }

  async scan(): Promise<Scan> {
    const { pnp } = this.#system;
    const list = (await pnp?.read()) ?? null;
    const all = await this.#listNatives();
    const natives = all.filter(({ isHub }) => !isHub);
    const sinceMs = pnp?.nowMs() ?? 0;
    const { placed, alone } = this.#driverless.sort(all, list, sinceMs);
    const ports = natives.length === 0 ? [] : await this.#listSerialPorts();
    const devices: ScannedDevice[] = alone.map(({ portPath, device, arrival }) => ({
      device: driverlessDevice(portPath, device),
      arrival,
      native: null,
    }));
    const portOf = this.#portFinder(natives, ports);
    let portMissing = false;
    for (const listed of natives) {
      const { native, portPath } = listed;
      const pnpDevice = placed.get(portPath) ?? null;
      const seen = await this.#meet(listed);
      const device = await this.#describe(listed, seen.strings, pnpDevice, portOf);
      const isYoung = this.#clock.nowMs() - seen.sinceMs < serialPortPatienceMs;
      portMissing ||= needsTty(boardMode(device)) && device.tty === null && isYoung;
      const { busNumber, deviceAddress } = native;
      devices.push({ device, arrival: seen.arrival, native: { busNumber, deviceAddress } });
    }
    if (portMissing) this.#lookAgain();
    return { devices, unsettled: false };
  }

  watch(hint: () => void): () => void {
    this.#hints.add(hint);
    const stopPnp = this.#system.pnp?.watch(hint);
    let stopLibusb = (): void => undefined;
    this.#system.loadLibusb().then(
      (libusb) => {
        if (!this.#hints.has(hint)) return;
        libusb.on('attach', hint);
        libusb.on('detach', hint);
        stopLibusb = () => {
          libusb.off('attach', hint);
          libusb.off('detach', hint);
        };
        hint();
      },
      // The next scan fails with the same error, if it has a caller.
      () => undefined,
    );
    return () => {
      this.#hints.delete(hint);
      stopPnp?.();
      stopLibusb();
      if (this.#hints.size === 0) this.#looking?.abort();
    };
  }

  async readsDeviceTree(): Promise<boolean> {
    const { pnp } = this.#system;
    return pnp === null || (await pnp.read()) !== null;
  }

  close(): void {
    this.#system.pnp?.close();
  }

  async #listNatives(): Promise<readonly Native[]> {
    const libusb = await this.#system.loadLibusb();
    return libusb.getDeviceList().flatMap((native) => {
      const { bDeviceClass, idVendor: vendorId, idProduct: productId } = native.deviceDescriptor;
      const isHub = bDeviceClass === hubClass;
      // A root hub sits on no port; libusb gives it the ids of its controller.
      const portPath = portPathOf(native) ?? (isHub ? rootPath(native) : null);
      return portPath === null
        ? []
        : [{ native, portPath, busNumber: native.busNumber, vendorId, productId, isHub }];
    });
  }

  async #listSerialPorts(): Promise<readonly SerialPortInfo[]> {
    const binding = await this.#system.loadSerial();
    return (await binding.list()).map((port) => ({ ...port, path: cuPath(port.path) }));
  }

  async #describe(
    { native, portPath, vendorId, productId }: Native,
    strings: DeviceStrings,
    pnpDevice: PnpDevice | null,
    portOf: (owner: SerialPortOwner) => SerialPortInfo | null,
  ): Promise<UsbDevice> {
    const own = strings.serialNumber ?? pnpDevice?.serialNumber ?? null;
    const port = portOf({ portPath, vendorId, productId, serialNumber: own });
    const device: UsbDevice = {
      ...{ portPath, vendorId, productId, bcdDevice: native.deviceDescriptor.bcdDevice },
      manufacturer: strings.manufacturer,
      product: strings.product ?? pnpDevice?.product ?? null,
      // Windows keeps the serial number of a device that libusb may not open in the name of its port.
      serialNumber: own ?? realSerialNumber(port),
      interfaces: interfacesOf(native),
      tty: port?.path ?? null,
      access: strings.access,
      driver: pnpDevice?.driver ?? null,
    };
    // libusb never opens it, so its refusal says nothing.
    return needsTty(boardMode(device)) ? { ...device, access: await this.#portAccess(device.tty) } : device;
  }

  #portFinder(
    natives: readonly Native[],
    ports: readonly SerialPortInfo[],
  ): (owner: SerialPortOwner) => SerialPortInfo | null {
    return (owner) => portOfDevice(owner, natives, ports, this.#system.platform);
  }

  #portAccess(tty: string | null): Promise<Access> {
    return tty === null ? Promise.resolve({ ok: true }) : this.#system.mayUse(tty);
  }

  #lookAgain(): void {
    if (this.#looking !== null || this.#hints.size === 0) return;
    const looking = new AbortController();
    this.#looking = looking;
    this.#clock.sleep(serialPortIntervalMs, looking.signal).then(
      () => {
        this.#looking = null;
        for (const hint of this.#hints) hint();
      },
      () => (this.#looking = null),
    );
  }

  #meet(listed: Native): Promise<Seen> {
    const { native } = listed;
    const known = this.#seen.get(native);
    if (known !== undefined) return known;
    const meeting = this.#meetFirst(listed);
    this.#seen.set(native, meeting);
    return meeting;
  }

  async #meetFirst({ native, portPath, vendorId, productId }: Native): Promise<Seen> {
    const sinceMs = this.#clock.nowMs();
    // A device without a driver got one: it was not plugged in again.
    const arrival = this.#driverless.claim(portPath, vendorId, productId);
    this.#arrivals += 1;
    return {
      arrival: arrival ?? String(this.#arrivals),
      sinceMs,
      strings: await readStrings(native, portPath, this.#system.platform, this.#clock),
    };
  }
}

function driverlessDevice(portPath: PortPath, pnpDevice: PnpDevice): UsbDevice {
  const { vendorId, productId, product, serialNumber, interfaces, driver } = pnpDevice;
  return {
    ...{ portPath, vendorId, productId, bcdDevice: 0 },
    ...noStrings,
    ...{ product, serialNumber, interfaces, driver },
    tty: null,
    access: { ok: false, code: 'link/no-driver' },
  };
}

/** For a device that reports no serial number, Windows makes up an id with `&` in it. */
function realSerialNumber(port: SerialPortInfo | null): string | null {
  const serialNumber = port?.serialNumber;
  return serialNumber === undefined || serialNumber === '' || serialNumber.includes('&')
    ? null
    : serialNumber;
}
