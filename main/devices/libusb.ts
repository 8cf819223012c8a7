import type * as usb from 'usb';
import { CanopusError } from '../../app/errors.ts';
import { hostPlatform, libusbErrno, libusbError } from './native-errors.ts';

export type Libusb = typeof usb;
export type NativeDevice = usb.Device;

let loading: Promise<Libusb> | null = null;

/**
 * The usb module, loaded when first needed: it starts a thread and would slow every start of the command line.
 * Throws `link/no-driver` where it cannot be loaded or libusb does not start.
 */
export function loadLibusb(): Promise<Libusb> {
  loading ??= import('usb').then(
    (module) => {
      if (module.usb.INIT_ERROR === 0) return module;
      throw libusbError(module.usb.INIT_ERROR, { platform: hostPlatform, action: 'open', label: 'libusb' });
    },
    (cause: unknown) => {
      throw new CanopusError(
        'link/no-driver',
        `The USB library cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
        hostPlatform === 'linux'
          ? { next: 'Install libudev (package libudev1 on Debian) and start again.' }
          : {},
        { cause },
      );
    },
  );
  return loading;
}

/** Where libusb says a device is plugged in; null for root hubs and where the system does not tell. */
export function portPathOf(device: NativeDevice): string | null {
  // Typed as always there, but missing where the device sits on no port.
  const ports = device.portNumbers as number[] | undefined;
  if (ports === undefined || ports.length === 0) return null;
  return `${device.busNumber}-${ports.join('.')}`;
}

/** Runs a synchronous call of the usb module and names what it throws. */
export function naming<T>(call: () => T, describe: (errno: number, cause: unknown) => CanopusError): T {
  try {
    return call();
  } catch (error) {
    const errno = libusbErrno(error);
    throw errno === null ? error : describe(errno, error);
  }
}
