import * as z from 'zod/mini';
import { placeId } from '../place.ts';
import { planBlockerSchema } from '../pi/plan-types.ts';
import type { Plain } from '../plain.ts';
import { canbusUuidSchema, idSchema, interfaceNameSchema, sha256Schema } from '../units.ts';

/**
 * What an MCU of a printer is to its update. `bridge` and `node`: on a CAN bus. `board`: on a USB port or a serial port
 * of the Pi. `host-process`: Klipper's MCU that is a program on the Pi. `foreign`: its firmware is not Klipper's.
 * `not-written-here`: a chip that Canopus does not write.
 */
export const mcuRoles = ['bridge', 'node', 'board', 'host-process', 'foreign', 'not-written-here'] as const;

/**
 * The firmware of an MCU beside the one that the host's commit builds. `same-protocol`: other code, and every command
 * and response that the host uses is the same. `must`: Klipper refuses it.
 */
export const mcuVerdicts = ['same-code', 'same-protocol', 'must', 'unknown'] as const;

/** Why an MCU cannot be written from here. */
export const unreachableReasons = [
  'occupied-sector',
  'can-only',
  'absent',
  'recipe-unknown',
  'not-written',
] as const;

/** An image that the station keeps, by its key in the cache. */
export const keptImageSchema = z.object({
  key: idSchema,
  sha256: sha256Schema,
  /** Klipper's version as it states it. */
  version: z.nullable(z.string()),
});

export type KeptImage = Plain<z.infer<typeof keptImageSchema>>;

export const printerMcuSchema = z.object({
  /** The section of printer.cfg: `mcu`, or `mcu NAME`. */
  name: z.string(),
  /** Klipper's name of the chip, `stm32f446xx`; null: unknown. */
  mcu: z.nullable(z.string()),
  role: z.enum(mcuRoles),
  /** How it is written; null: not at all. */
  reach: z.nullable(z.enum(['can', 'usb', 'uart', 'host'])),
  place: z.nullable(placeId),
  canbusUuid: z.nullable(canbusUuidSchema),
  /** The CAN interface that it is on, or is; null: none. */
  interfaceName: z.nullable(interfaceNameSchema),
  /** What its bus runs at; null: none, or unknown. */
  bitrateBps: z.nullable(z.number()),
  /** As it reports itself; null: it reports nothing now. */
  firmware: z.nullable(z.object({ version: z.nullable(z.string()) })),
  /** The board that it is, from the history or a person; null: unknown. */
  preset: z.nullable(z.object({ presetId: z.string(), variantId: z.nullable(z.string()) })),
  verdict: z.enum(mcuVerdicts),
  /** The image of what it runs now, where it is kept; null: there is no way back to it. */
  former: z.nullable(keptImageSchema),
  unreachable: z.nullable(z.object({ reason: z.enum(unreachableReasons), text: z.string() })),
  /** What a person must press or plug for it; null: nothing. */
  hand: z.nullable(z.string()),
});

export type PrinterMcu = Plain<z.infer<typeof printerMcuSchema>>;

export const printerSurveySchema = z.object({
  /** The printer by its name on its Pi. */
  printer: z.string(),
  piId: idSchema,
  /** Klipper's version on the Pi, which the MCUs must match; null: unknown. */
  hostVersion: z.nullable(z.string()),
  mcus: z.array(printerMcuSchema),
  /** A print, or a state that cannot be told; null if every printer of the Pi is idle. */
  busy: z.nullable(planBlockerSchema),
  /** What heats, and hot ends that are not cold, in °C; null: Klipper runs, and its heaters cannot be read. */
  hot: z.nullable(z.array(z.object({ name: z.string(), temperature: z.number(), target: z.number() }))),
});

export type PrinterSurvey = Plain<z.infer<typeof printerSurveySchema>>;
