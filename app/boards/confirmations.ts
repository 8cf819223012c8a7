import * as z from 'zod/mini';

/**
 * What a person vouches for where neither the chip nor the image tells it. Null: not vouched for. Both are held against
 * everything that is told, as a preset's values are: a confirmation never outweighs a fact.
 */
export const confirmationsSchema = z.strictObject({
  /** Read off the chip of this very board, as `parseMarking` (app/mcu) writes it: `STM32F407ZET6`. */
  chipMarking: z.nullable(z.string().check(z.minLength(1), z.maxLength(40))),
  /** The crystal that the images are built for, where an image does not tell. */
  crystalHz: z.nullable(z.int().check(z.gte(1_000_000), z.lte(50_000_000))),
});

export type Confirmations = Readonly<z.infer<typeof confirmationsSchema>>;

export const noConfirmations: Confirmations = { chipMarking: null, crystalHz: null };

/** Earlier confirmations with those of `later` that are given. */
export function withConfirmed(earlier: Confirmations, later: Partial<Confirmations>): Confirmations {
  return {
    chipMarking: later.chipMarking ?? earlier.chipMarking,
    crystalHz: later.crystalHz ?? earlier.crystalHz,
  };
}
