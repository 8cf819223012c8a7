import type { UsbDevice, UsbDeviceEvent } from '../../app/boards/usb-device.ts';
import type { PortPath } from '../../app/place.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';
import type { DeviceAccess } from '../devices/device-access.ts';

/** The devices of this computer, and those of a virtual bench once there is one, as if they were on one bus. */
export class MixedDevices implements DeviceAccess {
  readonly #real: DeviceAccess;
  #virtual: DeviceAccess | null = null;
  readonly #watching = new Set<(event: UsbDeviceEvent) => void>();
  readonly #stops = new Set<() => void>();

  constructor(real: DeviceAccess) {
    this.#real = real;
  }

  /** Current watchers get the virtual devices, too. Call it once; their ports must not be real ones. */
  async add(virtual: DeviceAccess): Promise<void> {
    this.#virtual = virtual;
    this.#stops.add(
      await virtual.watch((event) => {
        for (const listener of this.#watching) listener(event);
      }),
    );
  }

  async list(): Promise<readonly UsbDevice[]> {
    const lists = await Promise.all([this.#real.list(), this.#virtual?.list() ?? []]);
    return lists.flat();
  }

  async watch(listener: (event: UsbDeviceEvent) => void): Promise<() => void> {
    const own = (event: UsbDeviceEvent): void => listener(event);
    const stop = await this.#real.watch(listener);
    for (const device of (await this.#virtual?.list()) ?? []) listener({ type: 'attach', device });
    this.#watching.add(own);
    return () => {
      this.#watching.delete(own);
      stop();
    };
  }

  async readsDeviceTree(): Promise<boolean> {
    return (await this.#real.readsDeviceTree?.()) ?? true;
  }

  async openUsb(portPath: PortPath): Promise<UsbLink> {
    return (await this.#of(portPath)).openUsb(portPath);
  }

  async openSerial(portPath: PortPath, options?: { baudRate?: number }): Promise<ByteLink> {
    return (await this.#of(portPath)).openSerial(portPath, options);
  }

  async requestBootloader(portPath: PortPath): Promise<void> {
    return (await this.#of(portPath)).requestBootloader(portPath);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#virtual?.[Symbol.asyncDispose]();
    await this.#real[Symbol.asyncDispose]();
  }

  async #of(portPath: PortPath): Promise<DeviceAccess> {
    const virtual = (await this.#virtual?.list()) ?? [];
    const isVirtual = this.#virtual !== null && virtual.some((device) => device.portPath === portPath);
    return isVirtual && this.#virtual !== null ? this.#virtual : this.#real;
  }
}
