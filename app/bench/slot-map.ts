import * as z from 'zod/mini';
import { CanopusError } from '../errors.ts';
import { comparePlaces, placeId, placeLabel, placeWords, readPlace, type PlaceId } from '../place.ts';
import type { Plain } from '../plain.ts';

export const maxSlots = 256;
export const maxColumns = 16;
export const maxNameLength = 24;

/** One hub port of the bench as people know it. */
const mappedSlotSchema = z.strictObject({
  place: placeId,
  /** The label on the hub or the table; null: it has no name. */
  name: z.nullable(z.string().check(z.maxLength(maxNameLength))),
  /** The bench never starts anything in this place. */
  isIgnored: z.boolean(),
});

export type MappedSlot = Plain<z.infer<typeof mappedSlotSchema>>;

/** The places of slots on the table: in reading order, `columns` per row. Plain data, stored in a file. */
export const slotMapSchema = z.strictObject({
  /** Null: as many as fit. */
  columns: z.nullable(z.int().check(z.gte(1), z.lte(maxColumns))),
  slots: z.array(mappedSlotSchema).check(z.maxLength(maxSlots)),
});

export type SlotMap = Plain<z.infer<typeof slotMapSchema>>;

export const emptySlotMap: SlotMap = { columns: null, slots: [] };

/** The map with a slot for this place: a new one comes after the slots whose places are before it. */
export function withPlace(map: SlotMap, place: PlaceId): SlotMap {
  if (map.slots.length >= maxSlots || map.slots.some((slot) => slot.place === place)) return map;
  const before = map.slots.findLastIndex((slot) => comparePlaces(slot.place, place) < 0);
  const slot: MappedSlot = { place, name: null, isIgnored: false };
  return { ...map, slots: map.slots.toSpliced(before + 1, 0, slot) };
}

/**
 * The map as a person arranged it; a slot that they did not know of yet stays, at the end.
 * Throws `bench/bad-map` where two slots have one place or one name.
 */
export function arrange(map: SlotMap, wanted: SlotMap): SlotMap {
  const taken = new Set<PlaceId>();
  const names = new Set<string>();
  const slots = wanted.slots.map((slot) => {
    const name = slot.name?.trim() ?? '';
    if (taken.has(slot.place)) throw badMap(`${placeWords(slot.place)} occurs twice.`);
    if (name !== '' && names.has(name.toLowerCase())) throw badMap(`Two slots are called "${name}".`);
    taken.add(slot.place);
    names.add(name.toLowerCase());
    return { ...slot, name: name === '' ? null : name };
  });
  const unseen = map.slots.filter(({ place }) => !taken.has(place));
  return { columns: wanted.columns, slots: [...slots, ...unseen] };
}

/** The map without a slot; its place gets a new one when a board is seen there again. */
export function withoutPlace(map: SlotMap, place: PlaceId): SlotMap {
  return { ...map, slots: map.slots.filter((slot) => slot.place !== place) };
}

/** What people call the slot in a place: its name, else the port. */
export function slotName(map: SlotMap, place: PlaceId): string {
  return map.slots.find((slot) => slot.place === place)?.name ?? placeLabel(place);
}

/** Places that are not to be touched. */
export function ignoredPlaces(map: SlotMap): readonly PlaceId[] {
  return map.slots.filter(({ isIgnored }) => isIgnored).map(({ place }) => place);
}

/** The place of the slot with this name, port or place, in any case. Throws `bench/unknown-slot`. */
export function placeOfSlot(map: SlotMap, text: string): PlaceId {
  const wanted = text.trim().toLowerCase();
  const named = map.slots.find(({ name }) => name?.toLowerCase() === wanted);
  // A port may get a name before anything was ever plugged in there.
  const place = named?.place ?? readPlace(wanted);
  if (place !== null) return place;
  const known = map.slots.map((slot) => slot.name ?? placeLabel(slot.place));
  throw new CanopusError('bench/unknown-slot', `There is no slot "${text}".`, { slot: text, known });
}

function badMap(message: string): CanopusError {
  return new CanopusError('bench/bad-map', message);
}
