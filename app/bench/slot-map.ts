import { comparePorts } from '../boards/port-order.ts';
import type { PortPath } from '../boards/usb-device.ts';
import { CanopusError } from '../errors.ts';

/** One hub port of the bench as people know it. */
export interface SlotPlace {
  readonly portPath: PortPath;
  /** What is written on the hub or the table; null: nobody named it. */
  readonly name: string | null;
  /** The bench never starts anything on this port. */
  readonly isIgnored: boolean;
}

/** Where the slots are on the table: in reading order, `columns` in a row. Plain data, kept in a file. */
export interface SlotMap {
  /** Null: as many as there is room for. */
  readonly columns: number | null;
  readonly places: readonly SlotPlace[];
}

export const maxPlaces = 256;
export const maxColumns = 16;
export const maxNameLength = 24;

export const emptySlotMap: SlotMap = { columns: null, places: [] };

/** The map with a place for this port: a new one comes after the places whose ports are before it. */
export function withPort(map: SlotMap, portPath: PortPath): SlotMap {
  if (map.places.length >= maxPlaces || map.places.some((place) => place.portPath === portPath)) return map;
  const before = map.places.findLastIndex((place) => comparePorts(place.portPath, portPath) < 0);
  const place: SlotPlace = { portPath, name: null, isIgnored: false };
  return { ...map, places: map.places.toSpliced(before + 1, 0, place) };
}

/**
 * The map as a person arranged it; a place that they did not know of yet stays, at the end.
 * Throws `bench/bad-map` where two places have one port or one name.
 */
export function arrange(map: SlotMap, wanted: SlotMap): SlotMap {
  const ports = new Set<string>();
  const names = new Set<string>();
  const places = wanted.places.map((place) => {
    const name = place.name?.trim() ?? '';
    if (ports.has(place.portPath)) throw badMap(`The port ${place.portPath} is there twice.`);
    if (name !== '' && names.has(name.toLowerCase())) throw badMap(`Two slots are called "${name}".`);
    ports.add(place.portPath);
    names.add(name.toLowerCase());
    return { ...place, name: name === '' ? null : name };
  });
  const unseen = map.places.filter(({ portPath }) => !ports.has(portPath));
  return { columns: wanted.columns, places: [...places, ...unseen] };
}

/** The map without a place; its port gets a new one when a board is seen there again. */
export function withoutPort(map: SlotMap, portPath: PortPath): SlotMap {
  return { ...map, places: map.places.filter((place) => place.portPath !== portPath) };
}

/** What people call the slot on a port: its name, else the port. */
export function slotName(map: SlotMap, portPath: PortPath): string {
  return map.places.find((place) => place.portPath === portPath)?.name ?? portPath;
}

/** Ports that are not to be touched. */
export function ignoredPorts(map: SlotMap): readonly PortPath[] {
  return map.places.filter(({ isIgnored }) => isIgnored).map(({ portPath }) => portPath);
}

/** The port of the slot with this name or port path, in any case. Throws `bench/unknown-slot`. */
export function portOfSlot(map: SlotMap, text: string): PortPath {
  const wanted = text.trim().toLowerCase();
  const place = map.places.find(
    ({ name, portPath }) => portPath === wanted || name?.toLowerCase() === wanted,
  );
  // A port may be named before anything was ever plugged in there.
  if (place === undefined && /^\d+-\d+(\.\d+)*$/.test(wanted)) return wanted;
  if (place !== undefined) return place.portPath;
  const known = map.places.map(({ name, portPath }) => name ?? portPath);
  throw new CanopusError('bench/unknown-slot', `There is no slot "${text}".`, { slot: text, known });
}

function badMap(message: string): CanopusError {
  return new CanopusError('bench/bad-map', message);
}
