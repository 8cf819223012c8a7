import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { sameUuid } from '../printer-config/set-canbus.ts';
import type { McuVersion } from './printer-status.ts';

/** What a station knows of a chip that it wrote to. */
export interface RecordedBoard {
  readonly canbusUuid: string;
  readonly presetId: string | null;
  readonly variantId: string | null;
  /** Klipper's version as its image states it. */
  readonly version: string | null;
  /** The bit rate that its Klipper was built for; null if that is unknown, or its flash may hold something else now. */
  readonly bitrateBps: number | null;
}

/** The record of the chip with that canbus_uuid; null if there is none. */
export type FindRecord = (canbusUuid: string) => Promise<RecordedBoard | null>;

export const noRecords: FindRecord = () => Promise.resolve(null);

/** A bit rate that firmware was built for, and what says so. */
export interface BuiltRate {
  readonly bitrateBps: number;
  readonly from: 'klipper' | 'record';
}

/** More boards than a bus has; each record is a query of the history. */
const maxRecords = 64;

export async function recordsOf(find: FindRecord, canbusUuids: readonly string[]): Promise<RecordedBoard[]> {
  const uuids = [...new Set(canbusUuids.map(spelled))].slice(0, maxRecords);
  return (await Promise.all(uuids.map(find))).filter((each) => each !== null);
}

/** As the history has it. */
function spelled(canbusUuid: string): string {
  return canbusUuid.toLowerCase().replace(/^0x/, '').padStart(12, '0');
}

export function recordOf(records: readonly RecordedBoard[], canbusUuid: string): RecordedBoard | null {
  return records.find((each) => sameUuid(each.canbusUuid, canbusUuid)) ?? null;
}

/**
 * The bit rate of a board: what its Klipper reports, else the record, unless the board reports another version than was
 * recorded. `mcu` is what Klipper knows of it, null for nothing.
 */
export function builtRate(
  canbusUuid: string,
  mcu: McuVersion | null,
  records: readonly RecordedBoard[],
): BuiltRate | null {
  if (typeof mcu?.canbusFrequencyBps === 'number')
    return { bitrateBps: mcu.canbusFrequencyBps, from: 'klipper' };
  const record = recordOf(records, canbusUuid);
  if (record === null || record.bitrateBps === null) return null;
  const isOther =
    typeof mcu?.version === 'string' && record.version !== null && mcu.version !== record.version;
  return isOther ? null : { bitrateBps: record.bitrateBps, from: 'record' };
}

/** A board to build and flash anew for another bit rate. */
export const rebuildSchema = z.object({
  /** "[mcu]", or "the bridge can0" for one that no section names. */
  what: z.string(),
  canbusUuid: z.string(),
  bitrateBps: z.int(),
  /** The board as a preset has it; null if no record says which one it is. */
  presetId: z.nullable(z.string()),
  variantId: z.nullable(z.string()),
});

export type Rebuild = Plain<z.infer<typeof rebuildSchema>>;

export function rebuildOf(
  board: { readonly what: string; readonly canbusUuid: string },
  bitrateBps: number,
  records: readonly RecordedBoard[],
): Rebuild {
  const { presetId = null, variantId = null } = recordOf(records, board.canbusUuid) ?? {};
  return { what: board.what, canbusUuid: board.canbusUuid, bitrateBps, presetId, variantId };
}

/** `octopus:f446`, as every command takes it; null if no record says which board it is. */
function presetOf({ presetId, variantId }: Rebuild): string | null {
  return presetId === null ? null : variantId === null ? presetId : `${presetId}:${variantId}`;
}

/** The command that builds the Klipper which this Pi runs, and flashes it. */
export function rebuildCommand(rebuild: Rebuild, host: string): string {
  const preset = presetOf(rebuild) ?? 'BOARD';
  return `canopus flash --preset ${preset} --katapult build --klipper build:pi:${host} --bitrate ${rebuild.bitrateBps}`;
}

/** The same as details of an error, and back. */
export function rebuildDetails(rebuild: Rebuild): Record<string, string | number> {
  const { what, canbusUuid, bitrateBps, presetId, variantId } = rebuild;
  const preset = presetOf(rebuild);
  return {
    ...{ what, canbusUuid, wished: bitrateBps },
    ...(preset === null ? {} : { preset }),
    ...(presetId === null ? {} : { presetId }),
    ...(variantId === null ? {} : { variantId }),
  };
}

export function rebuildOfDetails(details: Readonly<Record<string, unknown>>): Rebuild | null {
  const { what, canbusUuid, wished: bitrateBps, presetId = null, variantId = null } = details;
  const read = rebuildSchema.safeParse({ what, canbusUuid, bitrateBps, presetId, variantId });
  return read.success ? read.data : null;
}
