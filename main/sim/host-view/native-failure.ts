import { UsbGone, UsbOverflow, UsbStall } from '../bus/usb-function.ts';

/** libusb.h, enum libusb_error (negative) and enum libusb_transfer_status (positive). */
export const errno = {
  io: -1,
  access: -3,
  noDevice: -4,
  notFound: -5,
  busy: -6,
  notSupported: -12,
  transferCancelled: 3,
  transferStall: 4,
  transferNoDevice: 5,
  transferOverflow: 6,
} as const;

/** As the usb module throws it (node_usb.cc, `libusbException`). */
export function nativeFailure(number: number): Error {
  return Object.assign(new Error(`libusb ${number}`), { errno: number });
}

/** The result of a transfer, from what the virtual device did. */
export function transferFailure(error: unknown): Error {
  if (error instanceof UsbStall) return nativeFailure(errno.transferStall);
  if (error instanceof UsbGone) return nativeFailure(errno.transferNoDevice);
  if (error instanceof UsbOverflow) return nativeFailure(errno.transferOverflow);
  return nativeFailure(errno.transferCancelled);
}
