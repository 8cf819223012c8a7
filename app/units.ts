import * as z from 'zod/mini';

// The quantities and names that cross every boundary: one pattern, one parser and one schema each.

/** A chip's UID, 24 hex digits, of an RP2040 or RP2350 16: stored in upper case, typed in either. */
const uidPattern = /^(?:[0-9a-f]{24}|[0-9a-f]{16})$/i;

/** In upper case; null if it is not a UID. */
export function parseUid(text: string): string | null {
  return uidPattern.test(text) ? text.toUpperCase() : null;
}

/** The name of a CAN node, 12 hex digits: stored in lower case, typed in either. */
const canbusUuidPattern = /^[0-9a-f]{12}$/;
export const canbusUuidSchema = z.string().check(z.regex(canbusUuidPattern));

/** In lower case; null if it is not a canbus_uuid. */
export function parseCanbusUuid(text: string): string | null {
  const digits = text.toLowerCase();
  return canbusUuidPattern.test(digits) ? digits : null;
}

const sha256Pattern = /^[0-9a-f]{64}$/;
export const sha256Schema = z.string().check(z.regex(sha256Pattern));

/** Whether the text is a SHA-256 as 64 lower-case hex digits. */
export function isSha256(text: string): boolean {
  return sha256Pattern.test(text);
}

/** In lower case; null if it is not a SHA-256. */
export function parseSha256(text: string): string | null {
  const digits = text.toLowerCase();
  return isSha256(digits) ? digits : null;
}

/** Names what a station made or keeps: a job, a flow, a Pi, a plan. */
export const idSchema = z.string().check(z.regex(/^[0-9a-z-]{1,64}$/));

/** A CAN interface of Linux, which allows more; but this name goes into files and rules. */
const interfaceNamePattern = /^[A-Za-z][A-Za-z0-9_-]{0,14}$/;
export const interfaceNameSchema = z.string().check(z.regex(interfaceNamePattern));

export function isInterfaceName(text: string): boolean {
  return interfaceNamePattern.test(text);
}

/** Whether the kernel may assign this interface name to any CAN interface: `can0`. */
export function isKernelInterfaceName(name: string): boolean {
  return /^can\d+$/.test(name);
}

/** Klipper's CANBUS_FREQUENCY, in bit/s. */
export const bitrateLimits = { min: 10_000, max: 1_000_000 } as const;
export const bitrateSchema = z.int().check(z.gte(bitrateLimits.min), z.lte(bitrateLimits.max));

/** Frames that the Pi's interface may queue. */
export const txQueueLimits = { min: 1, max: 10_000 } as const;
export const txQueueSchema = z.int().check(z.gte(txQueueLimits.min), z.lte(txQueueLimits.max));

/** The settings of everything on a CAN bus and of the Pi behind it. */
export interface BusSettings {
  readonly bitrateBps: number;
  readonly txQueueLength: number;
}

/**
 * The defaults of a bus. 1,000,000 bit/s is what Klipper's CAN documentation and today's guides use. A queue of 128
 * frames is what that documentation asks for: a longer one only delays stale frames.
 */
export const usualBus: BusSettings = { bitrateBps: 1_000_000, txQueueLength: 128 };
