import type { DeviceDriver } from './device-driver.ts';

/**
 * Where a device is plugged in: bus number and the chain of hub ports, spelled as Linux does in sysfs: `1-4.2`.
 * Stable while the cable stays where it is, whatever the device on it says of itself.
 */
export type PortPath = string;

/** Whether this process may talk to the device, and if not, which `link/…` error opening it would give. */
export type Access =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'link/access' | 'link/busy' | 'link/no-driver' | 'link/io' };

/** A USB device as the operating system lists it. Strings are null where nobody could read them. */
export interface UsbDevice {
  readonly portPath: PortPath;
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
  readonly manufacturer: string | null;
  readonly product: string | null;
  readonly serialNumber: string | null;
  /**
   * Class, subclass and protocol of each interface's first setting, by interface number, as `ff/ff/ff`. Null where the
   * operating system does not tell.
   */
  readonly interfaces: readonly string[] | null;
  /** The serial port that the operating system made for it: `/dev/ttyACM0`, `COM7`; null where there is none yet. */
  readonly tty: string | null;
  readonly access: Access;
  /** The driver that Windows has bound to it; null on other systems, and where it could not be read. */
  readonly driver: DeviceDriver | null;
}

/**
 * What happened on the bus. `change` is the same device with more known of it: its tty, its strings, its access.
 * `unreadable`: something on the port asks to be enumerated and cannot be; it comes again with every try of the system,
 * and only from systems that say so.
 */
export type UsbDeviceEvent =
  | { readonly type: 'attach' | 'change'; readonly device: UsbDevice }
  | { readonly type: 'detach'; readonly portPath: PortPath }
  | { readonly type: 'unreadable'; readonly portPath: PortPath };

/** The port that an event is about. */
export function portOf(event: UsbDeviceEvent): PortPath {
  return 'device' in event ? event.device.portPath : event.portPath;
}
