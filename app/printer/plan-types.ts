import * as z from 'zod/mini';
import { placeId } from '../place.ts';
import { planBlockerSchema } from '../pi/plan-types.ts';
import type { Plain } from '../plain.ts';
import { idSchema } from '../units.ts';
import { keptImageSchema, printerMcuSchema } from './printer-mcu.ts';

/** Which MCUs an update writes: those that need it, also those with older code, or all that can be written. */
export const updateScopes = ['needed', 'newer', 'all'] as const;

export type UpdateScope = (typeof updateScopes)[number];

/** The MCUs that can be written, in the order in which an update writes them. */
export const writtenRoles = ['node', 'board', 'host-process', 'bridge'] as const;

/** One MCU to write. */
export const updateStepSchema = z.object({
  name: z.string(),
  role: z.enum(writtenRoles),
  /** Null for the process on the Pi. */
  place: z.nullable(placeId),
  preset: printerMcuSchema.shape.preset,
  interfaceName: printerMcuSchema.shape.interfaceName,
  bitrateBps: printerMcuSchema.shape.bitrateBps,
  /** What it runs now. */
  version: z.nullable(z.string()),
  /** Null: there is no way back. */
  former: z.nullable(keptImageSchema),
  hand: z.nullable(z.string()),
  why: z.string(),
});

export type UpdateStep = Plain<z.infer<typeof updateStepSchema>>;

/** An MCU that is not written, and why; `text` continues a sentence after its name. */
export const leftMcuSchema = z.object({
  name: z.string(),
  why: z.enum(['not-needed', 'foreign', 'not-written-here', 'unreachable']),
  text: z.string(),
});

export type LeftMcu = Plain<z.infer<typeof leftMcuSchema>>;

/** Why the update may not begin now. */
export const updateBlockerSchema = z.object({
  code: z.union([planBlockerSchema.shape.code, z.literal('printer/hot')]),
  text: z.string(),
});

export type UpdateBlocker = Plain<z.infer<typeof updateBlockerSchema>>;

export const updatePlanSchema = z.object({
  printer: z.string(),
  piId: idSchema,
  hostVersion: z.nullable(z.string()),
  /** The whole plan in one sentence. */
  headline: z.string(),
  mcuCount: z.int(),
  /** In this order. */
  steps: z.array(updateStepSchema),
  left: z.array(leftMcuSchema),
  /** An estimate, from the stop of Klipper until it is ready again. */
  seconds: z.int(),
  hands: z.array(z.object({ name: z.string(), text: z.string() })),
  /** MCUs whose former image is not kept: a roll back leaves them as they are. */
  oneWay: z.array(z.string()),
  blockers: z.array(updateBlockerSchema),
});

export type UpdatePlan = Plain<z.infer<typeof updatePlanSchema>>;
