import type { PortPath } from '../../../app/place.ts';
import type { UsbDevice, UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { DeviceAccess } from '../../../main/devices/device-access.ts';

/** Devices that exist only as a list: for what looks and waits but opens nothing. */
export class ListedDevices implements DeviceAccess {
  readonly #present = new Map<string, UsbDevice>();
  readonly #listeners = new Set<(event: UsbDeviceEvent) => void>();

  attach(device: UsbDevice): void {
    this.#present.set(device.portPath, device);
    this.#tell({ type: 'attach', device });
  }

  change(device: UsbDevice): void {
    this.#present.set(device.portPath, device);
    this.#tell({ type: 'change', device });
  }

  detach(portPath: PortPath): void {
    this.#present.delete(portPath);
    this.#tell({ type: 'detach', portPath });
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  list(): Promise<readonly UsbDevice[]> {
    return Promise.resolve([...this.#present.values()]);
  }

  watch(listener: (event: UsbDeviceEvent) => void): Promise<() => void> {
    for (const device of this.#present.values()) listener({ type: 'attach', device });
    this.#listeners.add(listener);
    return Promise.resolve(() => this.#listeners.delete(listener));
  }

  openUsb(portPath: PortPath): Promise<never> {
    return Promise.reject(new CanopusError('device/not-found', `Nothing can be opened on ${portPath}.`));
  }

  openSerial(portPath: PortPath): Promise<never> {
    return this.openUsb(portPath);
  }

  requestBootloader(portPath: PortPath): Promise<never> {
    return this.openUsb(portPath);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #tell(event: UsbDeviceEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** A board in ROM DFU on a port, with whatever a test wants otherwise. */
export function usbDevice(portPath: PortPath, differences: Partial<UsbDevice> = {}): UsbDevice {
  return {
    portPath,
    vendorId: 0x0483,
    productId: 0xdf11,
    bcdDevice: 0x2200,
    manufacturer: 'STMicroelectronics',
    product: 'STM32  BOOTLOADER',
    serialNumber: 'STM32FxSTM32',
    interfaces: null,
    tty: null,
    access: { ok: true },
    driver: null,
    ...differences,
  };
}
