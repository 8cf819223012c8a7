import * as z from 'zod/mini';
import { placeId } from '../../place.ts';
import type { Board } from '../../boards/board.ts';
import { boardModes } from '../../boards/board-mode.ts';
import { driverKinds } from '../../boards/device-driver.ts';
import { foreignKinds } from '../../boards/foreign-device.ts';
import { describes, stream } from '../define.ts';
import { table } from '../table.ts';

export const boardMode = z.enum(boardModes);

const access = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({
    ok: z.literal(false),
    code: z.enum(['link/access', 'link/busy', 'link/no-driver', 'link/io']),
  }),
]);

export const board = describes<Board>()(
  z.object({
    id: z.string(),
    place: z.nullable(placeId),
    mode: boardMode,
    vendorId: z.int(),
    productId: z.int(),
    serial: z.nullable(z.string()),
    uid: z.nullable(z.string()),
    canbusUuid: z.nullable(z.string()),
    mcu: z.nullable(z.string()),
    product: z.nullable(z.string()),
    tty: z.nullable(z.string()),
    access,
    driver: z.nullable(
      z.object({
        kind: z.enum(driverKinds),
        service: z.nullable(z.string()),
        provider: z.nullable(z.string()),
      }),
    ),
    foreign: z.nullable(z.enum(foreignKinds)),
    presumed: z.nullable(
      z.object({
        boardId: z.string(),
        uid: z.nullable(z.string()),
        evidence: z.enum(['port', 'dfu-serial']),
      }),
    ),
    conflict: z.boolean(),
  }),
);

export const boardEntries = {
  /** Every board that is plugged in or remembered: first all, then each change. */
  'boards.watch': stream({
    input: z.null(),
    event: table(board),
  }),
  /** Ports with a device that cannot be enumerated, as it happens: a bad cable, or firmware for another crystal. */
  'boards.unreadable': stream({ input: z.null(), event: z.object({ place: placeId }) }),
};
