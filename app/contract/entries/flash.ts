import { placeId } from '../../place.ts';
import * as z from 'zod/mini';
import { confirmationsSchema, noConfirmations } from '../../boards/confirmations.ts';
import { call } from '../define.ts';
import { imageKeysSchema } from '../../image/image-parts.ts';
import { jobId } from './jobs.ts';
import { boardChoice } from './presets.ts';

export const flashEntries = {
  /**
   * Starts writing images that the station holds to the board on a port, in whatever mode it is: up to a running
   * application if there is one, otherwise up to a written bootloader. Before it starts, throws `image/…`, `cache/…`
   * and `preset/unknown` if something does not fit.
   */
  'flash.start': call({
    input: z.strictObject({
      place: placeId,
      board: boardChoice,
      images: imageKeysSchema,
      /** The whole chip is erased then. */
      confirmReadUnprotect: z.boolean(),
      /** Keep the old flash before it is erased; only from ROM DFU. */
      backup: z._default(z.boolean(), false),
      /** The crystal that was found on this board, or on another of its batch: it outweighs the preset's. */
      crystalHz: z._default(z.nullable(z.int()), null),
      /** Begin with the search for the board's crystal: these were tried on it, and it stayed silent. */
      search: z._default(z.nullable(z.strictObject({ silentHz: z.array(z.int()) })), null),
      /** What a person confirms; `chip/marking-needed` and `image/crystal-unknown` ask for it. */
      confirmations: z._default(confirmationsSchema, noConfirmations),
    }),
    output: z.object({ jobId }),
  }),
  /** Begins the search for the crystal that a job offers (`offer`). False if it offers none. */
  'flash.search': call({ input: z.strictObject({ jobId }), output: z.boolean() }),
};
