import * as z from 'zod/mini';
import type { PortPath } from '../place.ts';
import type { Plain } from '../plain.ts';
import type { DeviceDriver } from './device-driver.ts';

/** Whether this process may use the device, and if not, which `link/…` error opening it would give. */
export const accessSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({
    ok: z.literal(false),
    code: z.enum(['link/access', 'link/busy', 'link/no-driver', 'link/io']),
  }),
]);

export type Access = Plain<z.infer<typeof accessSchema>>;

/** A USB device as the operating system lists it. Strings are null if they could not be read. */
export interface UsbDevice {
  readonly portPath: PortPath;
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
  readonly manufacturer: string | null;
  readonly product: string | null;
  readonly serialNumber: string | null;
  /**
   * Class, subclass and protocol of each interface's first setting, by interface number, as `ff/ff/ff`. Null if the
   * operating system does not say.
   */
  readonly interfaces: readonly string[] | null;
  /** The serial port that the operating system made for it: `/dev/ttyACM0`, `COM7`; null if there is none yet. */
  readonly tty: string | null;
  readonly access: Access;
  /** The driver that Windows has bound to it; null on other systems, and if it could not be read. */
  readonly driver: DeviceDriver | null;
}

/**
 * An event on the bus. `change` is the same device with more facts: its tty, its strings, its access. `unreadable`: a
 * device on the port cannot be enumerated; the event repeats with every attempt of the system, and only on systems that
 * report it.
 */
export type UsbDeviceEvent =
  | { readonly type: 'attach' | 'change'; readonly device: UsbDevice }
  | { readonly type: 'detach'; readonly portPath: PortPath }
  | { readonly type: 'unreadable'; readonly portPath: PortPath };

/** The port of an event. */
export function portOf(event: UsbDeviceEvent): PortPath {
  return 'device' in event ? event.device.portPath : event.portPath;
}
