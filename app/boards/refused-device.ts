import { boardMode, type BoardMode } from './board-mode.ts';

/**
 * The kind of device for a person who must get the system to release it: the required driver and permission depend on
 * it. The detail `device` of `link/access`, `link/busy` and `link/no-driver`.
 */
export type RefusedDevice = 'dfu' | 'bootsel' | 'bridge' | 'serial' | 'other';

const devices: Readonly<Record<BoardMode, RefusedDevice>> = {
  dfu: 'dfu',
  bootsel: 'bootsel',
  'can-bridge': 'bridge',
  katapult: 'serial',
  'klipper-serial': 'serial',
  unknown: 'other',
};

export function refusedDevice(mode: BoardMode): RefusedDevice {
  return devices[mode];
}

/** By the USB ids alone, for a device that could not be opened to read more. */
export function refusedDeviceById(vendorId: number, productId: number): RefusedDevice {
  const untold = { manufacturer: null, product: null, serialNumber: null, interfaces: null };
  return devices[boardMode({ vendorId, productId, ...untold })];
}
