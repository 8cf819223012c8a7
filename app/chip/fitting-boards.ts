import * as z from 'zod/mini';
import type { Preset } from '../boards/preset-schema.ts';
import { expectationOf } from '../image/board-expectation.ts';
import { mcuLabel, type McuName } from '../mcu/mcu.ts';
import type { Plain } from '../plain.ts';
import type { ChipFacts } from './chip-facts.ts';
import { fittingMcus, possibleFlashKiB, toldFlashKiB } from './judge-mcu.ts';
import { sizesOf, type ChipVariant } from './wanted-chip.ts';

/** A chip in ROM DFU and the boards that are sold with such a chip. */
export const chipSightSchema = z.object({
  flashKiB: z.number(),
  /** Labels of the MCUs that nothing contradicts; empty for a chip of none of them. */
  chips: z.array(z.string()),
  /** The variants that fit, by board. */
  fits: z.array(z.object({ presetId: z.string(), variantId: z.string() })),
});

export type ChipSight = Plain<z.infer<typeof chipSightSchema>>;

/** What a chip may be, and what it may be on. */
export function chipSightOf(facts: ChipFacts, presets: readonly Preset[]): ChipSight {
  const mcus = fittingMcus(facts);
  return {
    flashKiB: toldFlashKiB(facts),
    chips: mcus.map((mcu) => mcuLabel(mcu)),
    fits: presets.flatMap((preset) =>
      preset.variants
        .filter((variant) =>
          expectationOf({ preset, variants: [variant] }).variants.some((chip) =>
            isSoldWith(chip, mcus, facts),
          ),
        )
        .map(({ id }) => ({ presetId: preset.id, variantId: id })),
    ),
  };
}

/** Whether a chip with these facts, one of these MCUs, may be that of a variant. */
export function isSoldWith(variant: ChipVariant, mcus: readonly McuName[], facts: ChipFacts): boolean {
  const mcu = mcus.find((name) => name === variant.mcu);
  if (mcu === undefined) return false;
  const sizes = sizesOf(variant);
  return sizes === null || possibleFlashKiB(mcu, facts).some((kib) => sizes.includes(kib));
}
