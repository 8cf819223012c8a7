import * as z from 'zod/mini';
import { confirmationsSchema, noConfirmations } from '../../boards/confirmations.ts';
import { call } from '../define.ts';
import { portPath } from './boards.ts';
import { imageKey } from './images.ts';
import { jobId } from './jobs.ts';
import { boardChoice } from './presets.ts';

export const flashEntries = {
  /**
   * Starts taking the board on a port from whatever mode it is in to a running bridge, with images that the station
   * holds. Rejects before it starts with `image/…`, `cache/…` and `preset/unknown` where something does not fit.
   */
  'flash.start': call({
    input: z.strictObject({
      portPath,
      board: boardChoice,
      katapult: imageKey,
      klipper: imageKey,
      /** The whole chip is erased then. */
      confirmReadUnprotect: z.boolean(),
      /** Keep what flash holds before it is erased; only from ROM DFU. */
      backup: z._default(z.boolean(), false),
      /** What a person vouches for; asked for by `chip/marking-needed` and `image/crystal-unknown`. */
      confirmations: z._default(confirmationsSchema, noConfirmations),
    }),
    output: z.object({ jobId }),
  }),
};
