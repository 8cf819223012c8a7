import * as z from 'zod/mini';
import { placeId } from '../../place.ts';
import { boardSchema } from '../../boards/board.ts';
import { stream } from '../define.ts';
import { table } from '../table.ts';

export const boardEntries = {
  /** Every board that is plugged in or remembered: first all, then each change. */
  'boards.watch': stream({
    input: z.null(),
    event: table(boardSchema),
  }),
  /** Ports with a device that cannot be enumerated, as it happens: a bad cable, or firmware for another crystal. */
  'boards.unreadable': stream({ input: z.null(), event: z.object({ place: placeId }) }),
};
