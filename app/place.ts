import * as z from 'zod/mini';
import { CanopusError } from './errors.ts';

/**
 * Where a chip can be reached: what runs, claims, slots, flows and records are keyed by. Printable, and sortable with
 * `comparePlaces`.
 *
 * | text | is |
 * |---|---|
 * | `usb:1-4.2` | a USB port of this computer |
 * | `can:1-4.2/0e1a2b3c4d5e` | a node on the bus of the bridge at USB port 1-4.2, by its canbus_uuid |
 * | `pi:voron/usb:1-1.3` | a USB port of the Pi with that id |
 * | `pi:voron/can0/0e1a2b3c4d5e` | a node on a CAN interface of that Pi |
 * | `pi:voron/uart:ttyAMA0` | a board that is wired to a serial port of that Pi |
 */
export type PlaceId = `usb:${string}` | `can:${string}` | `pi:${string}`;

/**
 * Where a USB device is plugged in: bus number and the chain of hub ports, spelled as Linux does in sysfs: `1-4.2`.
 * Stable while the cable stays in place, whatever the device reports about itself. No `PlaceId` is one, nor is any text:
 * what opens a port takes nothing else.
 */
export type PortPath = `${number}-${string}`;

type Place =
  | { readonly kind: 'usb'; readonly portPath: PortPath }
  | { readonly kind: 'can'; readonly bridge: string; readonly canbusUuid: string }
  | { readonly kind: 'pi-usb'; readonly piId: string; readonly portPath: PortPath }
  | { readonly kind: 'pi-uart'; readonly piId: string; readonly name: string }
  | {
      readonly kind: 'pi-can';
      readonly piId: string;
      readonly interfaceName: string;
      readonly canbusUuid: string;
    };

const port = String.raw`\d{1,3}-\d{1,3}(?:\.\d{1,3}){0,6}`;
const portPattern = new RegExp(`^${port}$`);
const uuid = '[0-9a-f]{12}';
/** Below /dev of a Pi: a port, or the link to the one on a Raspberry Pi's header. */
const uartName = String.raw`tty[A-Za-z]{1,8}\d{1,3}|serial\d`;
const uartPattern = new RegExp(`^(?:${uartName})$`);
const pattern = new RegExp(
  `^(?:usb:(?<usb>${port})|can:(?<bridge>${port})/(?<node>${uuid})` +
    `|pi:(?<pi>[0-9a-z-]{1,64})/(?:usb:(?<piUsb>${port})|uart:(?<uart>${uartName})|(?<bus>[0-9A-Za-z_.-]{1,15})/(?<piNode>${uuid})))$`,
);

/** What a place's text says, or null for what is no place. */
export function parsePlace(text: string): Place | null {
  const found = pattern.exec(text)?.groups;
  if (found === undefined) return null;
  const { usb, bridge, node, pi: piId, piUsb, uart, bus, piNode } = found;
  if (usb !== undefined && isPortPath(usb)) return { kind: 'usb', portPath: usb };
  if (bridge !== undefined && node !== undefined) return { kind: 'can', bridge, canbusUuid: node };
  if (piId !== undefined && piUsb !== undefined && isPortPath(piUsb))
    return { kind: 'pi-usb', piId, portPath: piUsb };
  if (piId !== undefined && uart !== undefined) return { kind: 'pi-uart', piId, name: uart };
  if (piId === undefined || bus === undefined || piNode === undefined) return null;
  return { kind: 'pi-can', piId, interfaceName: bus, canbusUuid: piNode };
}

export const isPortPath = (text: string): text is PortPath => portPattern.test(text);

export const isPlace = (text: string): text is PlaceId => pattern.test(text);

export const portPathSchema = z.custom<PortPath>(
  (value) => typeof value === 'string' && isPortPath(value),
  'not a port path',
);

/** As it crosses the contract and is kept in files. */
export const placeId = z.custom<PlaceId>(
  (value) => typeof value === 'string' && isPlace(value),
  'not a place',
);

/** A USB port of this computer, by its path: bus and chain of hub ports (`UsbDevice.portPath`). */
export const usbPlace = (portPath: PortPath): PlaceId => `usb:${portPath}`;

/** A node on the bus of the bridge at a USB port of this computer. */
export const nodePlace = (bridge: PortPath, canbusUuid: string): PlaceId => `can:${bridge}/${canbusUuid}`;

/** The node that a place is, and the USB port of the bridge to it; null for any other place. */
export function bridgedNode(
  place: PlaceId,
): { readonly bridge: PlaceId; readonly portPath: PortPath; readonly canbusUuid: string } | null {
  const found = parsePlace(place);
  if (found?.kind !== 'can' || !isPortPath(found.bridge)) return null;
  return { bridge: usbPlace(found.bridge), portPath: found.bridge, canbusUuid: found.canbusUuid };
}

/** The node that a place is, wherever its bus is; null for any other place. */
export function nodeAt(
  place: PlaceId,
): { readonly canbusUuid: string; readonly interfaceName: string | null } | null {
  const found = parsePlace(place);
  if (found?.kind === 'can') return { canbusUuid: found.canbusUuid, interfaceName: null };
  if (found?.kind !== 'pi-can') return null;
  return { canbusUuid: found.canbusUuid, interfaceName: found.interfaceName };
}

/** A node on a CAN interface of a Pi. */
export const piNodePlace = (piId: string, interfaceName: string, canbusUuid: string): PlaceId =>
  `pi:${piId}/${interfaceName}/${canbusUuid}`;

/**
 * What work at a place occupies: itself, for a node the USB port of its bridge, as two cannot use one bus. Places with the
 * same one exclude each other.
 */
export const occupiedBy = (place: PlaceId): PlaceId => bridgedNode(place)?.bridge ?? place;

/** The USB port of this computer that a place is. Throws `device/unreachable` for any other place. */
export function portPathOf(place: PlaceId): PortPath {
  const found = parsePlace(place);
  if (found?.kind === 'usb') return found.portPath;
  const message = `${placeWords(place)}: only boards on USB ports of this computer can be reached.`;
  throw new CanopusError('device/unreachable', message, { place }, { state: 'untouched' });
}

/** A USB port of a Pi. */
export const piUsbPlace = (piId: string, portPath: PortPath): PlaceId => `pi:${piId}/usb:${portPath}`;

/** The id of the Pi that a place is on; null for one of this computer. */
export function piOf(place: PlaceId): string | null {
  const found = parsePlace(place);
  return found?.kind === 'pi-usb' || found?.kind === 'pi-can' || found?.kind === 'pi-uart'
    ? found.piId
    : null;
}

export const isUartName = (text: string): boolean => uartPattern.test(text);

/** A serial port of a Pi, by its name below /dev. */
export const piUartPlace = (piId: string, name: string): PlaceId => `pi:${piId}/uart:${name}`;

/** The name of the serial port that a place is; null for any other place. */
export function uartAt(place: PlaceId): string | null {
  const found = parsePlace(place);
  return found?.kind === 'pi-uart' ? found.name : null;
}

/** Which place a USB port is to one computer, and back. */
export interface UsbPlaces {
  placeOf(portPath: PortPath): PlaceId;
  /** Throws `device/unreachable` for a place that is no USB port of that computer. */
  portOf(place: PlaceId): PortPath;
}

/** Of this computer. */
export const usbPlacesHere: UsbPlaces = { placeOf: usbPlace, portOf: portPathOf };

/** Of a Pi. */
export function usbPlacesOfPi(piId: string): UsbPlaces {
  return {
    placeOf: (portPath) => piUsbPlace(piId, portPath),
    portOf(place) {
      const found = parsePlace(place);
      if (found?.kind === 'pi-usb' && found.piId === piId) return found.portPath;
      const message = `${placeWords(place)} is no USB port of the Pi ${piId}.`;
      throw new CanopusError('device/unreachable', message, { place }, { state: 'untouched' });
    },
  };
}

/** As people say it, in a sentence: `USB port 1-4.2`. */
export function placeWords(place: PlaceId): string {
  const found = parsePlace(place);
  switch (found?.kind) {
    case 'usb':
      return `USB port ${found.portPath}`;
    case 'can':
      return `CAN node ${found.canbusUuid} behind USB port ${found.bridge}`;
    case 'pi-usb':
      return `USB port ${found.portPath} of the Pi ${found.piId}`;
    case 'pi-uart':
      return `serial port ${found.name} of the Pi ${found.piId}`;
    case 'pi-can':
      return `CAN node ${found.canbusUuid} on ${found.interfaceName} of the Pi ${found.piId}`;
    case undefined:
      return place;
  }
}

/** Short, for a table: the port alone for a USB port of this computer. */
export function placeLabel(place: PlaceId): string {
  return place.startsWith('usb:') ? place.slice('usb:'.length) : place;
}

/** Parses a typed place: complete, or just a USB port. Null for neither. */
export function readPlace(typed: string): PlaceId | null {
  const text = typed.trim().toLowerCase();
  // The names of serial ports have capital letters.
  if (isPlace(typed.trim()) && uartAt(typed.trim() as PlaceId) !== null) return typed.trim() as PlaceId;
  if (isPlace(text)) return text;
  return isPortPath(text) ? usbPlace(text) : null;
}

// Made once: making one for every comparison takes longer than all the rest of an event with 64 boards.
const collator = new Intl.Collator('en', { numeric: true });

/** The order of places as people count ports: 1-2 before 1-10. */
export function comparePlaces(a: PlaceId, b: PlaceId): number {
  return collator.compare(a, b);
}
