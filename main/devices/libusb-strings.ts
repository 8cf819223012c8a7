import { hex16 } from '../../app/hex.ts';
import type { Access, UsbDevice } from '../../app/boards/usb-device.ts';
import type { ErrorCode } from '../../app/errors.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { NativeDevice } from './libusb.ts';
import { libusbErrno, libusbError, type Platform } from './native-errors.ts';

export type DeviceStrings = Pick<UsbDevice, 'manufacturer' | 'product' | 'serialNumber' | 'access'>;

export const noStrings = { manufacturer: null, product: null, serialNumber: null } as const;

const ourIds = new Set(['0483:df11', '1d50:6177', '1d50:614e', '1d50:606f']);

/** Every scan waits for it, and so does every board. A string takes a few ms. */
const limitMs = 3_000;

/**
 * Opens only devices that can be boards, once each: opening wakes devices and may disturb other programs. A device that
 * does not reply in time has no strings; it is closed when its last request has ended.
 */
export async function readStrings(
  native: NativeDevice,
  portPath: string,
  platform: Platform,
  clock: Clock,
): Promise<DeviceStrings> {
  const { idVendor, idProduct } = native.deviceDescriptor;
  const label = `${hex16(idVendor)}:${hex16(idProduct)}`;
  if (!ourIds.has(label)) return { ...noStrings, access: { ok: true } };
  try {
    native.open(false);
  } catch (error) {
    const errno = libusbErrno(error) ?? -1;
    const { code } = libusbError(errno, { platform, action: 'open', label: `${label} at ${portPath}` });
    return { ...noStrings, access: deniedAccess(code) };
  }
  const enough = new AbortController();
  const late = clock.sleep(limitMs, enough.signal).then(
    () => noStrings,
    () => noStrings,
  );
  try {
    return { ...(await Promise.race([readAll(native), late])), access: { ok: true } };
  } finally {
    enough.abort();
  }
}

async function readAll(native: NativeDevice): Promise<Omit<DeviceStrings, 'access'>> {
  const { iManufacturer, iProduct, iSerialNumber } = native.deviceDescriptor;
  try {
    return {
      manufacturer: await stringDescriptor(native, iManufacturer),
      product: await stringDescriptor(native, iProduct),
      serialNumber: await stringDescriptor(native, iSerialNumber),
    };
  } finally {
    native.close();
  }
}

function stringDescriptor(native: NativeDevice, index: number): Promise<string | null> {
  return new Promise((resolve) => {
    native.getStringDescriptor(index, (error, text) => {
      resolve(error === undefined && text !== undefined ? text : null);
    });
  });
}

function deniedAccess(code: ErrorCode): Access {
  const named = code === 'link/access' || code === 'link/busy' || code === 'link/no-driver';
  return { ok: false, code: named ? code : 'link/io' };
}
