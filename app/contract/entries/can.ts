import * as z from 'zod/mini';
import { placeId } from '../../place.ts';
import { canbusUuidSchema, interfaceNameSchema } from '../../units.ts';
import { call } from '../define.ts';

/** A node that replied to a query. */
const node = z.object({
  place: placeId,
  canbusUuid: canbusUuidSchema,
  /** What it runs; `unknown`: it does not say. */
  application: z.enum(['klipper', 'katapult', 'unknown']),
});

export const canEntries = {
  /**
   * Asks the bus of the bridge at a USB port once which nodes have no node id. Disturbs a running Klipper host; nodes that
   * one has claimed do not reply. On a CAN interface of a Pi whose boards are followed, the Klippers that use it are stopped
   * before and started again after; refused while a printer there prints. Throws `device/claimed`, `device/not-found`, `device/wrong-mode` and `link/…`.
   */
  'can.nodes': call({
    input: z.union([
      z.strictObject({ bridge: placeId }),
      z.strictObject({ piId: z.string(), interfaceName: interfaceNameSchema }),
    ]),
    output: z.object({
      /** Without the bridge itself. */
      nodes: z.array(node),
      /** UUIDs with which more than one node replied. */
      duplicates: z.array(canbusUuidSchema),
      /** Nodes on the bus talk to a running host. */
      isClaimed: z.boolean(),
    }),
  }),
};
