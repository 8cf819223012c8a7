import { noConfirmations, type Confirmations } from '../boards/confirmations.ts';
import { usualRole, type BoardRole } from '../boards/board-role.ts';
import { applicationAddressOf, type PresetChoice } from '../boards/preset.ts';
import type { PresetVariant } from '../boards/preset-schema.ts';

/** One chip of a board. Null: no source states it. */
export interface ExpectedChip {
  /** As `findPreset` takes it: `btt-octopus:f446`. */
  readonly reference: string;
  readonly mcu: string;
  /** What is printed on it, with its ordering code or without. */
  readonly markings: readonly string[];
  readonly crystalHz: number | null;
  readonly flashBytes: number | null;
  /** Where Katapult must start its application, if the board's chips differ in it. */
  readonly applicationAddress?: number;
}

/** What is known about the board that an image is for. Null and empty: unknown, and not checked. */
export interface BoardExpectation {
  /** One per chip that the board may carry. */
  readonly variants: readonly ExpectedChip[];
  /** All chips that the board is sold with, to offer if a chip other than the chosen one was meant. */
  readonly offers: readonly ExpectedChip[];
  /** The address at which Katapult must start the application; null if the chips differ in it. */
  readonly applicationAddress: number | null;
  /** What it becomes on the bus. */
  readonly role: BoardRole;
  readonly canPins: readonly [string, string] | null;
  readonly bitrateBps: number | null;
  /** What a person confirms. */
  readonly confirmed: Confirmations;
}

/** A board without known facts: only the image itself and the bootloader's report are checked. */
export const unknownBoard: BoardExpectation = {
  variants: [],
  offers: [],
  applicationAddress: null,
  role: 'bridge',
  canPins: null,
  bitrateBps: null,
  confirmed: noConfirmations,
};

/** The same board with what a person confirms. */
export function confirmedBoard(board: BoardExpectation, confirmed: Confirmations): BoardExpectation {
  return { ...board, confirmed };
}

/** The same board with the crystal that was found on it, whatever its preset says. */
export function withCrystal(board: BoardExpectation, crystalHz: number): BoardExpectation {
  return { ...board, variants: board.variants.map((variant) => ({ ...variant, crystalHz })) };
}

/** How an image reaches the board, with what is known about the bootloader there. */
export type ImageTarget =
  /** Katapult, through the ROM bootloader; `flashBytes` by its memory layout. */
  | { readonly through: 'dfu'; readonly flashBytes?: number | null }
  /**
   * Klipper, through Katapult. `by` is the source: the Katapult on the board in its reply to CONNECT, the Katapult
   * image that goes there first, or only the preset; `maker`: through the maker's bootloader, by the preset.
   */
  | {
      readonly through: 'katapult';
      readonly by: 'katapult' | 'image' | 'preset' | 'maker';
      readonly applicationStart: number;
      readonly mcu: string;
    };

/** What a preset (the whole, or one variant) requires of an image. An unconfirmed value is no requirement. */
export function expectationOf(choice: PresetChoice, bitrateBps: number | null = null): BoardExpectation {
  const { canPins } = choice.preset;
  const starts = new Set(choice.variants.map((variant) => applicationAddressOf(choice.preset, variant)));
  const [start = null] = starts;
  return {
    variants: choice.variants.map((variant) => expectedChip(choice, variant)),
    offers: choice.preset.variants.map((variant) => expectedChip(choice, variant)),
    applicationAddress: starts.size === 1 ? start : null,
    role: usualRole(choice.preset),
    canPins: canPins.unconfirmed ? null : canPins.value,
    bitrateBps,
    confirmed: noConfirmations,
  };
}

function expectedChip({ preset }: PresetChoice, variant: PresetVariant): ExpectedChip {
  const { id, mcu, markings, crystalHz, flashKiB } = variant;
  return {
    reference: `${preset.id}:${id}`,
    mcu: mcu.value,
    markings: markings.value,
    crystalHz: crystalHz.unconfirmed ? null : crystalHz.value,
    flashBytes: flashKiB.value === null || flashKiB.unconfirmed ? null : flashKiB.value * 1024,
    applicationAddress: applicationAddressOf(preset, variant),
  };
}

/** Where the application of a chip of this board must be; null: unknown. */
export function applicationStartFor(board: BoardExpectation, mcu: string | null): number | null {
  const chip = board.variants.find((variant) => variant.mcu === mcu);
  return board.applicationAddress ?? chip?.applicationAddress ?? null;
}
