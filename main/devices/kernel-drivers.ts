import type { NativeDevice } from './libusb.ts';

/**
 * The kernel's drivers on a device's interfaces, detached while we hold them. libusb itself reattaches each as its
 * interface is released, which fails for cdc_acm: it holds two interfaces, releases both when it loses one, and
 * reattaches only when both are free.
 */
export class KernelDrivers {
  readonly #device: NativeDevice;
  /** Interfaces that had a driver before the first was detached; null until then. */
  #driven: readonly number[] | null = null;

  constructor(device: NativeDevice) {
    this.#device = device;
  }

  /** Throws what libusb throws. */
  detach(interfaceNumber: number): void {
    this.#driven ??= this.#interfaceNumbers().filter((number) => this.#device.__isKernelDriverActive(number));
    if (this.#device.__isKernelDriverActive(interfaceNumber))
      this.#device.__detachKernelDriver(interfaceNumber);
  }

  /** Call when every interface was released. */
  putBack(): void {
    for (const interfaceNumber of this.#driven ?? []) {
      try {
        this.#device.__attachKernelDriver(interfaceNumber);
      } catch {
        // It came back together with the one before, or the device is gone.
      }
    }
  }

  #interfaceNumbers(): readonly number[] {
    const interfaces = this.#device.configDescriptor?.interfaces ?? [];
    return interfaces.flatMap(([first]) => (first === undefined ? [] : [first.bInterfaceNumber]));
  }
}
