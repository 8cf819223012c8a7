import * as z from 'zod/mini';

/**
 * Where a canbus_uuid is known from. `confirmed`: from firmware that has no other than its chip's, or from the bus
 * itself. `computed`: from the chip, and nothing more: a firmware may be built with another one.
 */
export const canbusUuidSources = ['confirmed', 'computed'] as const;

export type CanbusUuidSource = (typeof canbusUuidSources)[number];

export const canbusUuidSource = z.enum(canbusUuidSources);

/** Beside a canbus_uuid, wherever it is read: nothing is said of one that was confirmed, or recorded before this was. */
export const uuidSourceWords = {
  confirmed: null,
  computed: 'computed',
} as const satisfies Readonly<Record<CanbusUuidSource, string | null>>;

/** The UUID with the word for where it is known from, where there is one: `6beb0175188a (computed)`. */
export function uuidWithSource(canbusUuid: string, source: CanbusUuidSource | null): string {
  const word = source === null ? null : uuidSourceWords[source];
  return word === null ? canbusUuid : `${canbusUuid} (${word})`;
}

/** A board with what is known of its UUID; null where nothing is. */
export interface BoardIdentity {
  readonly uid: string | null;
  readonly canbusUuid?: string | null;
  readonly canbusUuidSource?: CanbusUuidSource | null;
}
