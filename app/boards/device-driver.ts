import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';

/**
 * The kind of driver that Windows has bound to a device:
 * - `none`: none. Windows then leaves the device unconfigured, and no program can open it.
 * - `winusb`, `libusbk`, `libusb0`: libusb opens devices through these.
 * - `st`: ST's own driver for its DFU tools. `serial`: Windows' driver for serial ports.
 * - `other`: a vendor's.
 */
export const driverKinds = ['none', 'winusb', 'libusbk', 'libusb0', 'st', 'serial', 'other'] as const;
export type DriverKind = (typeof driverKinds)[number];

export const deviceDriverSchema = z.object({
  kind: z.enum(driverKinds),
  /** The Windows service: `WinUSB`, `STTub30`; null if there is no driver. */
  service: z.nullable(z.string()),
  /** The maker of the driver package: `libwdi`, `STMicroelectronics`; null if unknown. */
  provider: z.nullable(z.string()),
});

export type DeviceDriver = Plain<z.infer<typeof deviceDriverSchema>>;

/**
 * The driver by the name of its Windows service, null for none.
 * Sources: libusb's windows_winusb.c, `winusbx_driver_names` (WinUSB, libusbK, libusb0); ST's STSW-STM32080, whose
 * driver is STTub30 (older: STTub203); Microsoft's usbser.inf.
 */
export function driverOf(service: string | null, provider: string | null): DeviceDriver {
  return { kind: kindOf(service), service, provider };
}

function kindOf(service: string | null): DriverKind {
  if (service === null) return 'none';
  const name = service.toLowerCase();
  if (name === 'winusb' || name === 'libusbk' || name === 'libusb0') return name;
  if (name.startsWith('sttub')) return 'st';
  return name === 'usbser' ? 'serial' : 'other';
}

/** Whether libusb, and so this program, can open a device with this driver. */
export function opensThroughLibusb({ kind }: DeviceDriver): boolean {
  return kind === 'winusb' || kind === 'libusbk' || kind === 'libusb0';
}
