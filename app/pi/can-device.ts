import { matchesWildcard } from '../wildcard.ts';
import type { UsbDeviceOnPi } from './can-interface.ts';
import type { PiFacts } from './facts.ts';
import { isKernelInterfaceName } from '../units.ts';

/** Whether a condition holds for a device: `maybe` where it depends on what is not known of it. */
export type Fit = 'yes' | 'no' | 'maybe';

/** A CAN interface as udev and systemd-networkd see it when it appears. It may not be there now. */
export interface CanDevice {
  readonly name: string;
  /** The names that the kernel may give it, before udev gives it another one. */
  readonly kernelNames: readonly string[];
  readonly driver: string | null;
  readonly usb: UsbDeviceOnPi | null;
  /** Its udev properties. */
  readonly properties: ReadonlyMap<string, string>;
  /** A property that is not among them is not set. */
  readonly isComplete: boolean;
}

/** The device that will have that interface name: the one with that USB serial number, or else the one that has it. */
export function canDevice(
  facts: PiFacts,
  { interfaceName, pinToUsbSerial }: { interfaceName: string; pinToUsbSerial: string | null },
): CanDevice {
  const found = facts.interfaces.find(({ name, usb }) =>
    pinToUsbSerial === null ? name === interfaceName : usb?.serial === pinToUsbSerial,
  );
  const current = found?.name ?? interfaceName;
  const usb =
    found?.usb ??
    facts.usb.find(({ serial }) => pinToUsbSerial !== null && serial === pinToUsbSerial) ??
    null;
  const told = found === undefined ? undefined : facts.udev.get(found.name);
  return {
    name: interfaceName,
    kernelNames: [current, interfaceName].filter(isKernelInterfaceName).slice(0, 1),
    // A bridge is one, and so is what most people plug in.
    driver: found === undefined ? 'gs_usb' : found.driver,
    usb,
    properties: told ?? assumedProperties(usb, pinToUsbSerial, found?.driver ?? 'gs_usb'),
    isComplete: told !== undefined,
  };
}

/** What udev's rules derive from a USB device (systemd, src/udev/udev-builtin-usb_id.c and net drivers). */
function assumedProperties(
  usb: UsbDeviceOnPi | null,
  serial: string | null,
  driver: string,
): Map<string, string> {
  const hex = (id: number): string => id.toString(16).padStart(4, '0');
  const short = usb?.serial ?? serial;
  return new Map([
    ['ID_NET_DRIVER', driver],
    ...(short === null ? [] : [['ID_SERIAL_SHORT', short] as const]),
    ...(usb === null
      ? []
      : ([
          ['ID_BUS', 'usb'],
          ['ID_VENDOR_ID', hex(usb.vendorId)],
          ['ID_MODEL_ID', hex(usb.productId)],
          ['ID_USB_DRIVER', driver],
        ] as const)),
  ]);
}

/** The value of a udev property; undefined if it is not known, null if it is not set. */
export function propertyOf(device: CanDevice, name: string): string | null | undefined {
  return device.properties.get(name) ?? (device.isComplete ? null : undefined);
}

/** All of them must hold. */
export function every(fits: readonly Fit[]): Fit {
  return fits.includes('no') ? 'no' : fits.includes('maybe') ? 'maybe' : 'yes';
}

/** One of them is enough. */
export function some(fits: readonly Fit[]): Fit {
  return fits.includes('yes') ? 'yes' : fits.includes('maybe') ? 'maybe' : 'no';
}

export function not(fit: Fit): Fit {
  return fit === 'yes' ? 'no' : fit === 'no' ? 'yes' : 'maybe';
}

/** A value, undefined for an unknown one and null for none, against a pattern of fnmatch(3). */
export function fitsPattern(value: string | null | undefined, pattern: string): Fit {
  if (value === undefined) return pattern === '*' ? 'yes' : 'maybe';
  return value !== null && matchesWildcard(value, pattern, { sets: true }) ? 'yes' : 'no';
}
