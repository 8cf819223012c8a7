import { placeId } from '../../place.ts';
import * as z from 'zod/mini';
import { confirmationsSchema, noConfirmations } from '../../boards/confirmations.ts';
import { chipSightSchema } from '../../chip/fitting-boards.ts';
import { call } from '../define.ts';
import { imageKeysSchema } from '../../image/image-parts.ts';
import { jobId } from './jobs.ts';
import { boardChoice } from './presets.ts';

/** What Katapult's CONNECT reports. */
const katapultStatus = z.object({
  protocolVersion: z.string(),
  protocolMajor: z.int(),
  applicationAddress: z.int(),
  blockSize: z.int(),
  mcu: z.string(),
  softwareVersion: z.nullable(z.string()),
});

/** On the station's computer. */
export const filePath = z.string().check(z.minLength(1), z.maxLength(4000));

export const operatorName = z.string().check(z.minLength(1), z.maxLength(200));

export const flashEntries = {
  /**
   * Starts writing images that the station holds to the board on a port, in whatever mode it is: up to a running
   * application if there is one, otherwise up to a written bootloader. Before it starts, throws `image/…`, `cache/…`
   * and `preset/unknown` if something does not fit.
   */
  'flash.start': call({
    input: z.strictObject({
      place: placeId,
      /** Null: nothing is known of the board but its own facts. */
      board: z.nullable(
        z.strictObject({
          presetId: boardChoice.shape.presetId,
          /** Null: any variant. */
          variantId: z.nullable(boardChoice.shape.variantId),
        }),
      ),
      images: imageKeysSchema,
      /** The whole chip is erased then. */
      confirmReadUnprotect: z.boolean(),
      /** Keep the old flash before it is erased; only from ROM DFU. */
      backup: z._default(z.boolean(), false),
      /** Where the backup's bytes go on the station's computer, a whole path; null: with the other backups. */
      backupFile: z._default(z.nullable(filePath), null),
      /** The crystal that was found on this board, or on another of its batch: it outweighs the preset's. */
      crystalHz: z._default(z.nullable(z.int()), null),
      /** Begin with the search for the board's crystal: these were tried on it, and it stayed silent. */
      search: z._default(z.nullable(z.strictObject({ silentHz: z.array(z.int()) })), null),
      /** When to search for a silent board's crystal: never, if a person asks, or as soon as it is silent. */
      searches: z._default(z.enum(['never', 'when-wanted', 'when-silent']), 'when-wanted'),
      /** How long a person may take for jumper and power; null: the default. */
      personTimeoutMs: z._default(z.nullable(z.int().check(z.gte(0))), null),
      /** The operator, for the history; null: from the settings. */
      operator: z._default(z.nullable(operatorName), null),
      /** What a person confirms; `chip/marking-needed` and `image/crystal-unknown` ask for it. */
      confirmations: z._default(confirmationsSchema, noConfirmations),
    }),
    output: z.object({ jobId }),
  }),
  /**
   * Reads the descriptors of a chip in ROM DFU: what it is, and which boards are sold with such a chip. Changes nothing.
   * Throws `device/claimed`, `link/…` and `dfu/…`.
   */
  'flash.chip': call({ input: z.strictObject({ place: placeId }), output: chipSightSchema }),
  /** Asks the Katapult at a place what it is; changes nothing. Throws `device/claimed`, `link/…` and `katapult/…`. */
  'flash.katapult': call({ input: z.strictObject({ place: placeId }), output: katapultStatus }),
  /** Begins the search for the crystal that a job offers (`offer`). False if it offers none. */
  'flash.search': call({ input: z.strictObject({ jobId }), output: z.boolean() }),
};
