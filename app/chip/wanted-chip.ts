import type { BoardExpectation } from '../image/board-expectation.ts';
import { partOf } from '../mcu/marking.ts';
import type { McuName } from '../mcu/mcu.ts';

/** One chip that a board is sold with. */
export interface ChipVariant {
  /** As `findPreset` takes it: `btt-octopus:f446`. */
  readonly reference: string;
  readonly mcu: string;
  /** The print on it, with or without its ordering code: `STM32F407ZET6`, `STM32F407ZGT6`. */
  readonly markings: readonly string[];
  /** If the markings have no code: the size that the preset confirms. */
  readonly flashBytes: number | null;
}

/** What a chip in ROM DFU is checked against. */
export interface WantedChip {
  /** The MCU of the image. */
  readonly mcu: McuName;
  /** The chips that the chosen board may have; empty if no board was named. */
  readonly variants: readonly ChipVariant[];
  /** All variants of the board, to offer if another one was meant. */
  readonly offers: readonly ChipVariant[];
  /** What a person read off the chip, as `parseMarking` writes it. */
  readonly marking: string | null;
}

/** What a chip on a board is checked against before it gets an image for `mcu`. */
export function wantedChip({ variants, offers, confirmed }: BoardExpectation, mcu: McuName): WantedChip {
  return { mcu, variants, offers, marking: confirmed.chipMarking };
}

/** KiB of flash of the chips of a variant; null if not all of its markings state it, and the preset does not either. */
export function sizesOf({ markings, flashBytes }: ChipVariant): readonly number[] | null {
  const sizes = markings.map((marking) => partOf(marking).flashKiB);
  const told = sizes.filter((kib) => kib !== null);
  if (told.length > 0 && told.length === sizes.length) return told;
  return flashBytes === null ? null : [flashBytes / 1024];
}
