import type { PresetView } from '../../../app/contract/station-contract.ts';
import type { ErrorCode, ErrorDetails } from '../../../app/errors.ts';
import { parseMarking } from '../../../app/mcu/marking.ts';
import { mcuLabel } from '../../../app/mcu/mcu.ts';
import type { BoardChoice } from './picker.svelte.ts';

/** A chip that was refused. */
export interface ChipTrouble {
  readonly code: ErrorCode;
  readonly details?: ErrorDetails | undefined;
}

/** True if the work can continue once a person has typed the marking on the chip. */
export function asksForMarking({ code, details }: ChipTrouble): boolean {
  return code.startsWith('chip/') && details?.['asks'] === 'marking';
}

/** A marking as the station expects it; null if it is not one. */
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

/** The variants of the chosen board that the refused chip may belong to. */
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
