import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { canbusUuidSchema } from '../units.ts';
import { verdicts } from '../verdict.ts';

/** How many requests a node got, and what came back. Requests without a reply are lost. */
export const tallySchema = z.object({
  requests: z.int(),
  replies: z.int(),
  /** From request to reply, as the station sees it; null without a reply. */
  medianMs: z.nullable(z.number()),
  worstMs: z.nullable(z.number()),
});

export type Tally = Plain<z.infer<typeof tallySchema>>;

/** In the order of Klipper's enumeration `canbus_bus_state` (src/generic/canserial.c). */
export const controllerStates = ['active', 'warn', 'passive', 'off'] as const;

/** What the firmware of a node counted during the examination. */
export const controllerErrorsSchema = z.object({
  rxErrors: z.int(),
  txErrors: z.int(),
  txRetries: z.int(),
  /** At the end; null for a number that Klipper does not name. */
  state: z.nullable(z.enum(controllerStates)),
});

export type ControllerErrors = Plain<z.infer<typeof controllerErrorsSchema>>;

/** A node that printer.cfg names. */
export const namedNodeSchema = z.object({
  /** The section of printer.cfg. */
  name: z.string(),
  canbusUuid: canbusUuidSchema,
});

export type NamedNode = Plain<z.infer<typeof namedNodeSchema>>;

/** A node, and what was seen of it. */
export const examinedNodeSchema = z.object({
  /** The section of printer.cfg; its canbus_uuid if no section names it. */
  name: z.string(),
  canbusUuid: canbusUuidSchema,
  /** The replies of a `bridge` come over USB and never were on the bus. */
  role: z.enum(['bridge', 'node']),
  /** `katapult`: it waits in its bootloader. It was asked nothing, like a `duplicate`. */
  state: z.enum(['replies', 'silent', 'katapult', 'duplicate']),
  /** Klipper's version on it; null: its data dictionary was not read. */
  version: z.nullable(z.string()),
  /** Alone on the bus, while its data dictionary was read. */
  idle: tallySchema,
  /** All nodes at once, each at this rate; null: each as fast as it replies. */
  ramp: z.array(z.object({ ...tallySchema.shape, ratePerSecond: z.nullable(z.number()) })),
  /** While a person moved the cables; null: that was skipped. */
  moved: z.nullable(tallySchema),
  /** Null: its firmware does not count. */
  errors: z.nullable(controllerErrorsSchema),
  /** Whether it was reset afterwards: `back` if it then was on the bus again; `no` for a bridge and what did not reply. */
  reset: z.enum(['back', 'missing', 'no']),
});

export type ExaminedNode = Plain<z.infer<typeof examinedNodeSchema>>;

export const busFindingSchema = z.object({
  verdict: z.enum(verdicts),
  /** The nodes that it is about; none: the whole bus. */
  names: z.array(z.string()),
  text: z.string(),
  /** What to do about it; null: nothing. */
  advice: z.nullable(z.string()),
});

export type BusFinding = Plain<z.infer<typeof busFindingSchema>>;

export const busExaminationSchema = z.object({
  nodes: z.array(examinedNodeSchema),
  /** Nodes that printer.cfg does not name. */
  others: z.array(canbusUuidSchema),
  /** UUIDs that two nodes have. */
  duplicates: z.array(canbusUuidSchema),
  /** As the adapter reports itself; a Klipper bridge does not. */
  adapter: z.nullable(z.enum(['error-active', 'error-passive', 'bus-off'])),
  verdict: z.enum(verdicts),
  /** The worst first. */
  findings: z.array(busFindingSchema),
  /** Whether to show where the bus is terminated. */
  showsTermination: z.boolean(),
});

export type BusExamination = Plain<z.infer<typeof busExaminationSchema>>;

const nodeLossesSchema = z.object({ name: z.string(), lost: z.int() });

export type NodeLosses = Plain<z.infer<typeof nodeLossesSchema>>;

export const examinationEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('exam-idle'), name: z.string(), tally: tallySchema }),
  /** A step of the ramp; null: each node as fast as it replies. */
  z.object({
    type: z.literal('exam-ramp'),
    ratePerSecond: z.nullable(z.number()),
    lost: z.array(nodeLossesSchema),
  }),
  /** Cables may be moved from the first of these on; `lost` since the one before. */
  z.object({ type: z.literal('exam-moved'), leftMs: z.number(), lost: z.array(nodeLossesSchema) }),
  z.object({ type: z.literal('exam-reset'), names: z.array(z.string()) }),
]);

export type ExaminationEvent = Plain<z.infer<typeof examinationEventSchema>>;

/** What was seen, before it is judged. */
export type BusSight = Pick<BusExamination, 'nodes' | 'others' | 'duplicates' | 'adapter'>;

export const lostOf = ({ requests, replies }: Tally): number => requests - replies;
