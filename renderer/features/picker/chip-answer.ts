import type { PresetView } from '../../../app/contract/station-contract.ts';
import type { ErrorCode, ErrorDetails } from '../../../app/errors.ts';
import { parseMarking } from '../../../app/mcu/marking.ts';
import { mcuLabel } from '../../../app/mcu/mcu.ts';
import type { BoardChoice } from './picker.svelte.ts';

/** What was refused about a chip. */
export interface ChipTrouble {
  readonly code: ErrorCode;
  readonly details?: ErrorDetails | undefined;
}

/** Whether the marking on the chip, typed by the person, would let it go on. */
export function asksForMarking({ code, details }: ChipTrouble): boolean {
  return code.startsWith('chip/') && details?.['asks'] === 'marking';
}

/** A marking as it goes to the station; null for what is none. */
export function markingOf(typed: string): string | null {
  try {
    return parseMarking(typed);
  } catch {
    return null;
  }
}

export interface VariantOffer {
  readonly label: string;
  readonly board: BoardChoice;
}

/** The variants of the chosen board that the refused chip may be of. */
export function offeredVariants({ details }: ChipTrouble, preset: PresetView): readonly VariantOffer[] {
  const references = details?.['variants'];
  const offered = preset.variants.filter(
    ({ id }) => Array.isArray(references) && references.includes(`${preset.id}:${id}`),
  );
  return offered.map(({ id, mcu, crystalHz }) => {
    const isOnly = offered.every((other) => other.id === id || other.mcu.value !== mcu.value);
    const label = mcuLabel(mcu.value);
    return {
      label: isOnly ? label : `${label}, ${crystalHz.value / 1e6} MHz`,
      board: { presetId: preset.id, variantId: id },
    };
  });
}
