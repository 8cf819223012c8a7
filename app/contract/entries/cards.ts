import * as z from 'zod/mini';
import { confirmationsSchema, noConfirmations } from '../../boards/confirmations.ts';
import { cardSchema } from '../../cards/card.ts';
import { sha256Schema } from '../../units.ts';
import { call } from '../define.ts';
import { imageKey, imageProblem } from './images.ts';
import { boardChoice } from './presets.ts';

/** SD cards and drives of boot ROMs, through which some boards take firmware. */
export const cardEntries = {
  /** Removable drives of this computer that are mounted now; never a fixed disk, nor a boot ROM's drive. Throws `card/unlisted`. */
  'cards.list': call({ input: z.null(), output: z.array(cardSchema) }),
  /** What contradicts each image of the cache for a board's own bootloader, by key; empty for one that fits. */
  'cards.check': call({ input: boardChoice, output: z.record(imageKey, z.array(imageProblem)) }),
  /**
   * Puts an image onto a card under the name that the board's bootloader looks for: under another name first, then
   * renamed, read back and compared. The card is looked at once more before. What the board makes of it shows only by
   * what enumerates then. Throws `card/…`, `katapult/deployer`, `image/…`, `cache/…`,
   * `preset/unknown`.
   */
  'cards.write': call({
    input: z.strictObject({
      card: cardSchema.shape.id,
      board: z.strictObject({
        presetId: boardChoice.shape.presetId,
        /** Null: any variant. */
        variantId: z.nullable(boardChoice.shape.variantId),
      }),
      image: imageKey,
      confirmations: z._default(confirmationsSchema, noConfirmations),
    }),
    output: z.object({
      /** On the card: `/media/me/BOOT/firmware.bin`. */
      path: z.string(),
      fileName: z.string(),
      bytes: z.int(),
      sha256: sha256Schema,
      /** Whether it was compared by reading the card itself, past what the system remembers of it. */
      isReadFromCard: z.boolean(),
      /** Whether the card can be taken out now; otherwise it must be ejected by hand. */
      isEjected: z.boolean(),
    }),
  }),
  /**
   * Installs a Katapult through the drive of an RP2040's or RP2350's boot ROM, for a computer that cannot open PICOBOOT. It
   * returns when the drive has gone: what enumerates then shows whether Katapult runs, and only that can be read. Throws
   * `uf2/…`, `card/unlisted`, `image/…`, `cache/…`.
   */
  'cards.writeUf2': call({
    input: z.strictObject({
      image: imageKey,
      /** Where the drive is mounted; null: the only one. */
      drive: z.nullable(z.string().check(z.maxLength(1000))),
    }),
    output: z.object({ path: z.string(), mcu: z.string(), bytes: z.int() }),
  }),
};
