import type { PortPath } from '../../app/place.ts';
import { CanopusError } from '../../app/errors.ts';
import { hostPlatform, libusbErrno, libusbError } from './native-errors.ts';

/** A device as the usb module lists it, as far as it is used here. */
export interface NativeDevice {
  readonly busNumber: number;
  readonly deviceAddress: number;
  /** Missing if the device is on no port, or the system does not say. */
  readonly portNumbers?: readonly number[] | undefined;
  readonly deviceDescriptor: NativeDescriptor;
  /** The active configuration, even of a device that is not open; undefined if there is none. */
  readonly configDescriptor: NativeConfiguration | undefined;
  open(defaultConfig?: boolean): void;
  close(): void;
  getStringDescriptor(index: number, done: (error?: Error, text?: string) => void): void;
  __claimInterface(interfaceNumber: number): void;
  __releaseInterface(interfaceNumber: number, done: NativeCallback): void;
  __setInterface(interfaceNumber: number, alternateSetting: number, done: NativeCallback): void;
  __clearHalt(endpoint: number, done: NativeCallback): void;
  __isKernelDriverActive(interfaceNumber: number): boolean;
  __detachKernelDriver(interfaceNumber: number): void;
  __attachKernelDriver(interfaceNumber: number): void;
}

export interface NativeDescriptor {
  readonly bDeviceClass: number;
  readonly idVendor: number;
  readonly idProduct: number;
  readonly bcdDevice: number;
  readonly iManufacturer: number;
  readonly iProduct: number;
  readonly iSerialNumber: number;
  readonly bNumConfigurations: number;
}

export interface NativeConfiguration {
  readonly bConfigurationValue: number;
  /** By interface, then by alternate setting. */
  readonly interfaces: readonly (readonly NativeInterface[])[];
}

export interface NativeInterface {
  readonly bInterfaceNumber: number;
  readonly bInterfaceClass: number;
  readonly bInterfaceSubClass: number;
  readonly bInterfaceProtocol: number;
}

export type NativeCallback = (error?: Error) => void;

export interface NativeTransfer {
  submit(buffer: Buffer): unknown;
  cancel(): unknown;
}

/** The part of the usb module used here; replaced in tests. */
export interface Libusb {
  getDeviceList(): NativeDevice[];
  on(event: 'attach' | 'detach', listener: () => void): void;
  off(event: 'attach' | 'detach', listener: () => void): void;
  /** A transfer without a time limit; calls `done` once, when the device is done with the buffer. */
  transfer(
    device: NativeDevice,
    endpoint: number,
    type: 'control' | 'bulk',
    done: (error: unknown, actual: number) => void,
  ): NativeTransfer;
}

/** libusb.h, enum libusb_transfer_status, which the usb module gives as the `errno` of a transfer that failed. */
export const transferStatus = { timedOut: 2, cancelled: 3, stall: 4 } as const;

/** libusb's value for a transfer without a time-out. */
const noTimeout = 0;

let loading: Promise<Libusb> | null = null;

/**
 * The usb module, loaded on first use: it starts a thread and would slow every start of the command line. Throws
 * `link/no-driver` if it cannot be loaded or libusb does not start.
 */
export function loadLibusb(): Promise<Libusb> {
  loading ??= import('usb').then(
    ({ usb, getDeviceList, Transfer, Device }) => {
      if (usb.INIT_ERROR !== 0)
        throw libusbError(usb.INIT_ERROR, { platform: hostPlatform, action: 'open', label: 'libusb' });
      return {
        getDeviceList,
        on: (event, listener) => {
          usb.on(event, listener);
        },
        off: (event, listener) => {
          usb.off(event, listener);
        },
        transfer(device, endpoint, type, done) {
          if (!(device instanceof Device)) throw new TypeError('not a device of this module');
          const kind = type === 'control' ? usb.LIBUSB_TRANSFER_TYPE_CONTROL : usb.LIBUSB_TRANSFER_TYPE_BULK;
          return new Transfer(device, endpoint, kind, noTimeout, (error: unknown, _buffer, actual) =>
            done(error, actual),
          );
        },
      } satisfies Libusb;
    },
    (cause: unknown) => {
      throw new CanopusError(
        'link/no-driver',
        `The USB library cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
        { device: 'library' },
        { cause },
      );
    },
  );
  return loading;
}

/** The port that libusb gives for a device; null for root hubs and if the system does not say. */
export function portPathOf(device: NativeDevice): PortPath | null {
  const ports = device.portNumbers;
  if (ports === undefined || ports.length === 0) return null;
  return `${device.busNumber}-${ports.join('.')}`;
}

/** Class, subclass and protocol of each interface's first setting, as `ff/ff/ff`; null if libusb has none. */
export function interfacesOf(device: NativeDevice): readonly string[] | null {
  let configuration: NativeConfiguration | undefined;
  try {
    configuration = device.configDescriptor;
  } catch {
    // It disappeared during the look.
    return null;
  }
  const byte = (value: number): string => value.toString(16).padStart(2, '0');
  return (
    configuration?.interfaces.flatMap(([first]) =>
      first === undefined
        ? []
        : [[first.bInterfaceClass, first.bInterfaceSubClass, first.bInterfaceProtocol].map(byte).join('/')],
    ) ?? null
  );
}

/** Runs a synchronous call of the usb module and translates what it throws. */
export function naming<T>(call: () => T, describe: (errno: number, cause: unknown) => CanopusError): T {
  try {
    return call();
  } catch (error) {
    const errno = libusbErrno(error);
    throw errno === null ? error : describe(errno, error);
  }
}
