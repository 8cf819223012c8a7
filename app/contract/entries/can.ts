import * as z from 'zod/mini';
import { placeId } from '../../place.ts';
import { canbusUuidSchema, interfaceNameSchema } from '../../units.ts';
import { busExaminationSchema, examinationEventSchema, namedNodeSchema } from '../../printer/examination.ts';
import { call, stream } from '../define.ts';

/** A node that replied to a query. */
const node = z.object({
  place: placeId,
  canbusUuid: canbusUuidSchema,
  /** What it runs; `unknown`: it does not say. */
  application: z.enum(['klipper', 'katapult', 'unknown']),
});

const bus = z.union([
  z.strictObject({ bridge: placeId }),
  z.strictObject({ piId: z.string(), interfaceName: interfaceNameSchema }),
]);

/** A node by the newest run that wrote it; null: unknown. */
const recordedNode = z.object({
  place: placeId,
  canbusUuid: canbusUuidSchema,
  presetId: z.nullable(z.string()),
  bitrateBps: z.nullable(z.int()),
});

export const canEntries = {
  /**
   * Asks the bus of the bridge at a USB port once which nodes have no node id. Disturbs a running Klipper host; nodes that
   * one has claimed do not reply. On a CAN interface of a Pi whose boards are followed, the Klippers that use it are stopped
   * before and started again after; refused while a printer there prints. Throws `device/claimed`, `device/not-found`, `device/wrong-mode` and `link/…`.
   */
  'can.nodes': call({
    input: bus,
    output: z.object({
      /** Without the bridge itself. */
      nodes: z.array(node),
      /** UUIDs with which more than one node replied. */
      duplicates: z.array(canbusUuidSchema),
      /** Nodes on the bus talk to a running host. */
      isClaimed: z.boolean(),
    }),
  }),
  /** The nodes that were written through the bridge at a USB port of this computer, by the history. Asks no bus. Throws `device/unreachable`. */
  'can.recorded': call({
    input: z.strictObject({ bridge: placeId }),
    output: z.object({ nodes: z.array(recordedNode) }),
  }),
  /**
   * Examines a bus by the replies of its nodes: alone, all at once, and for `movedMs` while a person moves the cables. Of
   * `nodes`, of those that printer.cfg of a Pi names, and of those that reply to a query. Resets them afterwards. Ends
   * with `result`. Refuses and throws as `can.nodes`.
   */
  'can.examine': stream({
    input: z.strictObject({
      bus,
      nodes: z.array(namedNodeSchema).check(z.maxLength(28)),
      movedMs: z.int().check(z.minimum(0), z.maximum(600_000)),
    }),
    event: z.discriminatedUnion('type', [
      ...examinationEventSchema.def.options,
      z.object({ type: z.literal('note'), text: z.string() }),
      z.object({ type: z.literal('result'), examination: busExaminationSchema }),
    ]),
  }),
};
