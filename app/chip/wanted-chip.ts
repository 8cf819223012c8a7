import type { BoardExpectation } from '../image/board-expectation.ts';
import { partOf } from '../mcu/marking.ts';
import type { McuName } from '../mcu/mcu.ts';

/** One chip that a board is sold with. */
export interface ChipVariant {
  /** As `findPreset` takes it: `btt-octopus:f446`. */
  readonly reference: string;
  readonly mcu: string;
  /** What is printed on it, with its ordering code or without: `STM32F407ZET6`, `STM32F407ZGT6`. */
  readonly markings: readonly string[];
  /** Where the markings have no code: what the preset vouches for. */
  readonly flashBytes: number | null;
}

/** What a chip in ROM DFU is held against. */
export interface WantedChip {
  /** Of the image. */
  readonly mcu: McuName;
  /** The chips that the board may have by what was chosen; empty where no board was named. */
  readonly variants: readonly ChipVariant[];
  /** All variants of the board, to be offered where another one was meant. */
  readonly offers: readonly ChipVariant[];
  /** What a person read off the chip, as `parseMarking` writes it. */
  readonly marking: string | null;
}

/** What a chip that is to get an image for `mcu` is held against on a board. */
export function wantedChip({ variants, offers, confirmed }: BoardExpectation, mcu: McuName): WantedChip {
  return { mcu, variants, offers, marking: confirmed.chipMarking };
}

/** KiB of flash of the chips of a variant; null where not all of its markings tell, and the preset does not either. */
export function sizesOf({ markings, flashBytes }: ChipVariant): readonly number[] | null {
  const sizes = markings.map((marking) => partOf(marking).flashKiB);
  const told = sizes.filter((kib) => kib !== null);
  if (told.length > 0 && told.length === sizes.length) return told;
  return flashBytes === null ? null : [flashBytes / 1024];
}
