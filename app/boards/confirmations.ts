import * as z from 'zod/mini';
import { canbusUuidSchema } from '../units.ts';

/**
 * What a person confirms if neither the chip nor the image states it. Null: not confirmed. Both are checked against
 * every stated fact, as a preset's values are: a confirmation never outweighs a fact.
 */
export const confirmationsSchema = z.strictObject({
  /** Read off the chip of this board, as `parseMarking` (app/mcu) writes it: `STM32F407ZET6`. */
  chipMarking: z.nullable(z.string().check(z.minLength(1), z.maxLength(40))),
  /** The crystal that the images are built for, if an image does not state it. */
  crystalHz: z.nullable(z.int().check(z.gte(1_000_000), z.lte(50_000_000))),
  /** That all of flash may be erased, on a chip that is erased as a whole. */
  eraseAll: z.optional(z.literal(true)),
  /** The nodes that a change of the bit rate may put out of reach. */
  lostNodes: z.optional(z.readonly(z.array(canbusUuidSchema))),
});

export type Confirmations = Readonly<z.infer<typeof confirmationsSchema>>;

export const noConfirmations: Confirmations = { chipMarking: null, crystalHz: null };

/** Earlier confirmations, overridden by those that `later` has. */
export function withConfirmed(earlier: Confirmations, later: Partial<Confirmations>): Confirmations {
  return {
    chipMarking: later.chipMarking ?? earlier.chipMarking,
    crystalHz: later.crystalHz ?? earlier.crystalHz,
    ...withLost(later.lostNodes ?? earlier.lostNodes),
    ...((later.eraseAll ?? earlier.eraseAll) ? { eraseAll: true as const } : {}),
  };
}

function withLost(lostNodes: Confirmations['lostNodes']): Pick<Confirmations, 'lostNodes'> {
  return lostNodes === undefined ? {} : { lostNodes };
}
