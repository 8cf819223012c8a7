import type { PortPath } from '../../app/place.ts';
import type { Platform } from './native-errors.ts';

/** What the serialport module reports about a port, as far as it is used here. */
export interface SerialPortInfo {
  readonly path: string;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly locationId?: string | undefined;
}

export interface SerialPortOwner {
  readonly portPath: PortPath;
  readonly vendorId: number;
  readonly productId: number;
  readonly serialNumber?: string | null;
}

/**
 * The serial port that belongs to a USB device; null if there is none or it is ambiguous. `owners` are all present
 * devices, including this one.
 *
 * macOS gives the place: IOKit's locationID holds the bus in its top byte and a port number in each further nibble.
 * Windows gives only the last port (`Port_#0003.Hub_#0002`), so two boards of the same kind in the same port of two
 * hubs are distinguished by serial number or not at all: while only one of them has its port, it could be either's.
 */
export function portOfDevice<Port extends SerialPortInfo>(
  owner: SerialPortOwner,
  owners: readonly Omit<SerialPortOwner, 'serialNumber'>[],
  ports: readonly Port[],
  platform: Platform,
): Port | null {
  const sameKind = ports.filter(
    ({ vendorId, productId }) => hex(vendorId) === owner.vendorId && hex(productId) === owner.productId,
  );
  if (platform === 'darwin')
    return sameKind.find((port) => darwinPortPath(port.locationId) === owner.portPath) ?? null;
  const bySerial = sameKind.filter((port) => owner.serialNumber && port.serialNumber === owner.serialNumber);
  if (bySerial.length === 1) return bySerial[0] ?? null;
  const isInPort = (portPath: PortPath, last: number | null): boolean =>
    last === null || portPath.endsWith(`-${last}`) || portPath.endsWith(`.${last}`);
  const rivals = owners.filter(
    ({ vendorId, productId, portPath }) =>
      vendorId === owner.vendorId && productId === owner.productId && portPath !== owner.portPath,
  );
  const byPort = sameKind.filter((port) => isInPort(owner.portPath, windowsPort(port.locationId)));
  const [only] = byPort;
  if (only === undefined || byPort.length > 1) return null;
  return rivals.some(({ portPath }) => isInPort(portPath, windowsPort(only.locationId))) ? null : only;
}

/** A macOS tty.* waits for a carrier that no board sends; its cu.* twin does not. Other paths stay unchanged. */
export function cuPath(path: string): string {
  return path.replace(/^\/dev\/tty\./, '/dev/cu.');
}

/** `14230000` is bus 20, port 2 of the root hub, port 3 of the hub there: `20-2.3`. */
export function darwinPortPath(locationId: string | undefined): string | null {
  if (locationId === undefined || !/^[0-9a-f]{1,8}$/i.test(locationId)) return null;
  const digits = locationId.padStart(8, '0');
  const ports = Array.from(digits.slice(2), (digit) => parseInt(digit, 16)).filter((port) => port !== 0);
  return ports.length === 0 ? null : `${parseInt(digits.slice(0, 2), 16)}-${ports.join('.')}`;
}

function windowsPort(locationId: string | undefined): number | null {
  const match = /Port_#(\d+)/.exec(locationId ?? '');
  return match ? Number(match[1]) : null;
}

function hex(text: string | undefined): number | null {
  return text === undefined ? null : parseInt(text, 16);
}
