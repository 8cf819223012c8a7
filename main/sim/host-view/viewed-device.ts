import type {
  NativeCallback,
  NativeConfiguration,
  NativeDevice,
  NativeInterface,
} from '../../devices/libusb.ts';
import type { AttachedDevice } from '../bus/attached-device.ts';
import { clearHaltSetup, standardRequest } from '../bus/standard-requests.ts';
import { stringOf } from '../bus/descriptors.ts';
import { noBytes } from '../bus/usb-function.ts';
import { errno, nativeFailure, transferFailure } from './native-failure.ts';

const STRING = 3;
const ENGLISH_US = 0x0409;
const owner = 'usb';

/** A virtual device as the usb module would list it. */
export class ViewedDevice implements NativeDevice {
  readonly busNumber: number;
  readonly deviceAddress: number;
  readonly portNumbers: readonly number[];
  readonly deviceDescriptor: NativeDevice['deviceDescriptor'];
  readonly attached: AttachedDevice;
  readonly #claimed = new Set<number>();
  readonly #refusal: () => number | null;
  #isOpen = false;

  /** `refusal` returns the libusb error that opening fails with, or null if it succeeds. */
  constructor(attached: AttachedDevice, deviceAddress: number, refusal: () => number | null) {
    const [bus = '', ports = ''] = attached.portPath.split('-');
    this.attached = attached;
    this.busNumber = Number(bus);
    this.deviceAddress = deviceAddress;
    this.portNumbers = ports.split('.').map(Number);
    this.#refusal = refusal;
    const { device } = attached.fn.descriptors;
    const fields = new DataView(device.buffer, device.byteOffset);
    this.deviceDescriptor = {
      bDeviceClass: device[4] ?? 0,
      idVendor: fields.getUint16(8, true),
      idProduct: fields.getUint16(10, true),
      bcdDevice: fields.getUint16(12, true),
      iManufacturer: device[14] ?? 0,
      iProduct: device[15] ?? 0,
      iSerialNumber: device[16] ?? 0,
      bNumConfigurations: device[17] ?? 0,
    };
  }

  get configDescriptor(): NativeConfiguration {
    const { configuration } = this.attached.fn.descriptors;
    const interfaces: NativeInterface[][] = [];
    for (let at = 0; at + 8 < configuration.length; at += configuration[at] || configuration.length) {
      if (configuration[at + 1] !== 4) continue;
      const [bInterfaceNumber = 0] = configuration.subarray(at + 2);
      const [bInterfaceClass = 0, bInterfaceSubClass = 0, bInterfaceProtocol = 0] = configuration.subarray(
        at + 5,
      );
      (interfaces[bInterfaceNumber] ??= []).push({
        ...{ bInterfaceNumber, bInterfaceClass, bInterfaceSubClass, bInterfaceProtocol },
      });
    }
    return { bConfigurationValue: configuration[5] ?? 1, interfaces };
  }

  open(): void {
    const refusal = this.#refusal();
    if (refusal !== null) throw nativeFailure(refusal);
    if (!this.attached.attached) throw nativeFailure(errno.noDevice);
    if (this.attached.owner === owner || this.#isOpen) throw nativeFailure(errno.access);
    // macOS also opens devices that its serial driver holds.
    this.attached.claim(owner);
    this.#isOpen = true;
  }

  close(): void {
    this.#isOpen = false;
    this.#claimed.clear();
    if (this.attached.owner === owner) this.attached.release();
  }

  getStringDescriptor(index: number, done: (error?: Error, text?: string) => void): void {
    if (index === 0) {
      done();
      return;
    }
    const setup = { bmRequestType: 0x80, bRequest: standardRequest.getDescriptor, wIndex: ENGLISH_US };
    this.attached.control({ ...setup, wValue: (STRING << 8) | index, wLength: 255 }, noBytes).then(
      (bytes) => done(undefined, stringOf(bytes) ?? undefined),
      (error: unknown) => done(transferFailure(error)),
    );
  }

  __claimInterface(interfaceNumber: number): void {
    if (this.configDescriptor.interfaces[interfaceNumber] === undefined) throw nativeFailure(errno.notFound);
    this.#claimed.add(interfaceNumber);
  }

  __releaseInterface(interfaceNumber: number, done: NativeCallback): void {
    this.#claimed.delete(interfaceNumber);
    done();
  }

  __setInterface(interfaceNumber: number, alternateSetting: number, done: NativeCallback): void {
    const setup = { bmRequestType: 0x01, bRequest: standardRequest.setInterface, wLength: 0 };
    this.attached.control({ ...setup, wValue: alternateSetting, wIndex: interfaceNumber }, noBytes).then(
      () => done(),
      (error: unknown) => done(transferFailure(error)),
    );
  }

  __clearHalt(endpoint: number, done: NativeCallback): void {
    this.attached.control(clearHaltSetup(endpoint), noBytes).then(
      () => done(),
      (error: unknown) => done(transferFailure(error)),
    );
  }

  /** Specific to Linux; Windows does not have it, and on macOS this program does not use it. */
  __isKernelDriverActive(): boolean {
    throw nativeFailure(errno.notSupported);
  }

  __detachKernelDriver(): void {
    throw nativeFailure(errno.notSupported);
  }

  __attachKernelDriver(): void {
    throw nativeFailure(errno.notSupported);
  }

  /** Whether an endpoint belongs to a claimed interface: libusb refuses transfers to any other. */
  owns(endpoint: number): boolean {
    const { configuration } = this.attached.fn.descriptors;
    let current = 0;
    for (let at = 0; at + 2 < configuration.length; at += configuration[at] || configuration.length) {
      if (configuration[at + 1] === 4) current = configuration[at + 2] ?? 0;
      if (configuration[at + 1] === 5 && configuration[at + 2] === endpoint)
        return this.#claimed.has(current);
    }
    return false;
  }
}
