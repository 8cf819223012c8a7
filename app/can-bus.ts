import * as z from 'zod/mini';

/** Klipper's CANBUS_FREQUENCY, in bit/s. */
export const bitrateBps = z.int().check(z.gte(10_000), z.lte(1_000_000));

/** Frames that the interface of a Pi may hold back. */
export const txQueueLength = z.int().check(z.gte(1), z.lte(10_000));

/** What everything on a CAN bus and the Pi behind it are set to. */
export interface BusSettings {
  readonly bitrateBps: number;
  readonly txQueueLength: number;
}

/**
 * What a bus is set to where nothing else is said. 1,000,000 bit/s is what Klipper's CAN documentation and today's guides
 * use. A queue of 128 frames is what that documentation asks for: a longer one only delays frames that are stale by then.
 */
export const usualBus: BusSettings = { bitrateBps: 1_000_000, txQueueLength: 128 };
