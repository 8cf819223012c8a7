import { z } from 'zod';
import { mcuNames } from '../../../app/mcu/mcu.ts';
import { parseCanbusUuid, usualBus } from '../../../app/units.ts';

const CanbusUuid = z
  .string()
  .refine((text) => parseCanbusUuid(text) !== null, '12 hex digits')
  .toLowerCase();

/** A node on a virtual bridge's bus, as a bench file describes it. */
export const CanNode = z.strictObject({
  uuid: CanbusUuid,
  /** The program that runs first: what the flash holds. */
  application: z.enum(['klipper', 'katapult']),
  /** Of its Klipper and its Katapult. */
  bitrateBps: z.int().positive().default(usualBus.bitrateBps),
  /** Default: the bridge's. */
  mcu: z.enum(mcuNames).optional(),
  /** What its Katapult talks over; `none`: there is none below its Klipper. */
  katapult: z.enum(['can', 'usb', 'none']).default('can'),
  /** What its Katapult calls itself. */
  katapultVersion: z.string().min(1).max(40).default('v0.0.1-109-gcafe000'),
  /** The node id by which a running host has claimed its Klipper. */
  claimedAs: z.int().min(1).max(127).optional(),
  /** False: its Klipper is older than January 2025 and has no `get_canbus_status`. */
  countsErrors: z.boolean().default(true),
  /** How much later than others it handles a frame. */
  delayMs: z.number().min(0).max(100).default(0),
  /** False: one of its two wires is open. */
  wired: z.boolean().default(true),
});
export type CanNode = z.output<typeof CanNode>;
