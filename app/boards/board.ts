import * as z from 'zod/mini';
import { placeId } from '../place.ts';
import type { Plain } from '../plain.ts';
import { boardModes } from './board-mode.ts';
import { deviceDriverSchema } from './device-driver.ts';
import { foreignKinds } from './foreign-device.ts';
import { accessSchema } from './usb-device.ts';

/**
 * What staying on a port suggests. A board that leaves and a device that appears on the same port are normally the same
 * board in another mode, but may be a swap, and nothing distinguishes the two until a UID contradicts.
 */
const presumptionSchema = z.object({
  boardId: z.string(),
  uid: z.nullable(z.string()),
  /** `port`: only the port suggests it. `dfu-serial`: the ROM's serial number fits the UID too. */
  evidence: z.enum(['port', 'dfu-serial']),
});

export type Presumption = Plain<z.infer<typeof presumptionSchema>>;

/** One board as the tracker knows it: a chip with a known UID, or a device on a port before its UID is known. */
export const boardSchema = z.object({
  /**
   * `uid:4300…` once the chip has reported its UID, before that `usb:1-4.2#7`, the seventh device seen to be plugged
   * in. An id never stands for two boards, so it changes when the UID becomes known; `presumed` then names the earlier
   * one.
   */
  id: z.string(),
  /** The port it is plugged into; null while it is away. */
  place: z.nullable(placeId),
  /** As last seen, like everything below. */
  mode: z.enum(boardModes),
  vendorId: z.int(),
  productId: z.int(),
  /** The USB serial number. In DFU it is not an identity. */
  serial: z.nullable(z.string()),
  /** The chip's unique id, reported by the chip itself: 24 upper-case hex digits. */
  uid: z.nullable(z.string()),
  /** 12 hex digits, computed from the UID. */
  canbusUuid: z.nullable(z.string()),
  mcu: z.nullable(z.string()),
  product: z.nullable(z.string()),
  tty: z.nullable(z.string()),
  access: accessSchema,
  /** The driver that Windows has bound to it; null on other systems, and if it could not be read. */
  driver: z.nullable(deviceDriverSchema),
  /** The kind of a device that is not flashed here; null for boards and for devices without interest. */
  foreign: z.nullable(z.enum(foreignKinds)),
  /** Another record that is probably the same board, or null. Good for a label on screen, not for a decision. */
  presumed: z.nullable(presumptionSchema),
  /** Two boards with this UID were plugged in at the same time: the UID identifies neither. */
  conflict: z.boolean(),
});

export type Board = Plain<z.infer<typeof boardSchema>>;
