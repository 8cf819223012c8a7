import * as z from 'zod/mini';

/**
 * Where a canbus_uuid is known from. `confirmed`: from firmware that has no other than its chip's, or from the bus
 * itself. `computed`: from the chip, and nothing more: a firmware may be built with another one.
 */
export const canbusUuidSources = ['confirmed', 'computed'] as const;

export type CanbusUuidSource = (typeof canbusUuidSources)[number];

export const canbusUuidSource = z.enum(canbusUuidSources);

/** A board with what is known of its UUID; null where nothing is. */
export interface BoardIdentity {
  readonly uid: string | null;
  readonly canbusUuid?: string | null;
  readonly canbusUuidSource?: CanbusUuidSource | null;
}
