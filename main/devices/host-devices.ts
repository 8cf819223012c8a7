import type { UsbDevice, UsbDeviceEvent } from '../../app/boards/usb-device.ts';
import type { PortPath } from '../../app/place.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';
import { systemClock } from '../system-clock.ts';
import type { DeviceAccess } from './device-access.ts';
import { DeviceFollower } from './device-follower.ts';
import type { DeviceSource, ScannedDevice } from './device-source.ts';
import { LibusbLink } from './libusb-link.ts';
import { LibusbSource } from './libusb-source.ts';
import { hostSystem, type HostSystem } from './host-system.ts';
import { portPathOf, type Libusb, type NativeDevice } from './libusb.ts';
import { LinuxSource } from './linux-source.ts';
import { noDriverError } from './windows/no-driver.ts';
import { touch1200 } from './open-tty.ts';
import { SerialLink } from './serial-link.ts';
import { OpenLinks } from './open-links.ts';

/** CDC-ACM devices ignore it, but a serial port needs one; any except 1200, which asks Klipper for its bootloader. */
const defaultBaudRate = 115_200;
/** libusb learns of a device from udevd, later than sysfs shows it. */
const libusbTimeoutMs = 3_000;

interface HostDevicesOptions {
  readonly system?: HostSystem;
  readonly clock?: Clock;
}

/** The USB devices of this computer, through libusb and the system's serial ports. */
export class HostDevices implements DeviceAccess {
  readonly #system: HostSystem;
  readonly #source: DeviceSource;
  readonly #clock: Clock;
  readonly #follower: DeviceFollower;
  readonly #links = new OpenLinks();

  constructor({ clock = systemClock, system = hostSystem() }: HostDevicesOptions = {}) {
    this.#system = system;
    this.#source = system.platform === 'linux' ? new LinuxSource() : new LibusbSource(system, clock);
    this.#clock = clock;
    this.#follower = new DeviceFollower(this.#source, clock);
  }

  async list(): Promise<readonly UsbDevice[]> {
    return (await this.#scan()).map(({ device }) => device);
  }

  watch(listener: (event: UsbDeviceEvent) => void): Promise<() => void> {
    return this.#follower.add(listener);
  }

  async readsDeviceTree(): Promise<boolean> {
    return (await this.#source.readsDeviceTree?.()) ?? true;
  }

  async openUsb(portPath: PortPath): Promise<UsbLink> {
    const target = await this.#find(portPath);
    const libusb = await this.#system.loadLibusb();
    const device = await this.#nativeDevice(libusb, target);
    const isPresent = async (): Promise<boolean> =>
      (await this.#scan()).some(
        ({ arrival, device: { portPath: at } }) => at === portPath && arrival === target.arrival,
      );
    const { platform } = this.#system;
    const link = LibusbLink.open({ platform, libusb, device, portPath, clock: this.#clock, isPresent });
    try {
      return this.#links.keep(await link);
    } catch (error) {
      // Windows' own list says which driver blocks it.
      const isDriver = isCanopusError(error, 'link/no-driver') && target.device.driver !== null;
      throw isDriver ? noDriverError(target.device, error) : error;
    }
  }

  async openSerial(portPath: PortPath, options: { baudRate?: number } = {}): Promise<ByteLink> {
    const tty = await this.#ttyOf(portPath);
    return this.#links.keep(
      await SerialLink.open(tty, options.baudRate ?? defaultBaudRate, this.#clock, this.#system),
    );
  }

  async requestBootloader(portPath: PortPath): Promise<void> {
    await touch1200(this.#system, await this.#ttyOf(portPath));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#follower.close();
    this.#source.close?.();
    await this.#links.closeAll();
  }

  async #scan(): Promise<readonly ScannedDevice[]> {
    return (await this.#source.scan({ settle: true })).devices;
  }

  async #find(portPath: PortPath): Promise<ScannedDevice> {
    const found = (await this.#scan()).find(({ device }) => device.portPath === portPath);
    if (found !== undefined) return found;
    throw new CanopusError('device/not-found', `Nothing is plugged into port ${portPath}.`, { portPath });
  }

  async #ttyOf(portPath: PortPath): Promise<string> {
    const { device } = await this.#find(portPath);
    if (device.tty !== null) return device.tty;
    throw new CanopusError('device/not-found', `The device on port ${portPath} has no serial port.`, {
      portPath,
    });
  }

  /** libusb's own view of a scanned device; waits if libusb does not have the device yet. */
  async #nativeDevice(libusb: Libusb, target: ScannedDevice): Promise<NativeDevice> {
    const { device, native: known } = target;
    if (known === null) throw noDriverError(device);
    const fits = (native: NativeDevice): boolean =>
      native.busNumber === known.busNumber &&
      native.deviceAddress === known.deviceAddress &&
      portPathOf(native) === device.portPath;
    const enough = new AbortController();
    let found: NativeDevice | undefined;
    const look = (): void => {
      found ??= libusb.getDeviceList().find(fits);
      if (found !== undefined) enough.abort();
    };
    libusb.on('attach', look);
    try {
      look();
      if (found === undefined) await this.#clock.sleep(libusbTimeoutMs, enough.signal).catch(() => undefined);
    } finally {
      libusb.off('attach', look);
    }
    if (found !== undefined) return found;
    throw new CanopusError(
      'device/not-found',
      `libusb does not see the device on port ${device.portPath}, which the system lists.`,
      { portPath: device.portPath },
    );
  }
}
