import * as z from 'zod/mini';
import type { BoardState } from '../errors.ts';

/**
 * The source of a canbus_uuid. `confirmed`: from firmware that only uses its chip's, or from the bus itself.
 * `computed`: from the chip alone: a firmware may be built with another one.
 */
export const canbusUuidSources = ['confirmed', 'computed'] as const;

export type CanbusUuidSource = (typeof canbusUuidSources)[number];

export const canbusUuidSource = z.enum(canbusUuidSources);

/** Shown beside a canbus_uuid; nothing for one that was confirmed, or recorded before the source was. */
export const uuidSourceWords = {
  confirmed: null,
  computed: 'computed',
} as const satisfies Readonly<Record<CanbusUuidSource, string | null>>;

/** The UUID with a word for its source, if any: `6beb0175188a (computed)`. */
export function uuidWithSource(canbusUuid: string, source: CanbusUuidSource | null): string {
  const word = source === null ? null : uuidSourceWords[source];
  return word === null ? canbusUuid : `${canbusUuid} (${word})`;
}

/** A board with the source of its UUID; null if unknown. `state`: what it was last seen to be, if no sight on USB says it. */
export interface BoardIdentity {
  readonly uid: string | null;
  readonly canbusUuid?: string | null;
  readonly canbusUuidSource?: CanbusUuidSource | null;
  readonly state?: BoardState;
}
