import { noConfirmations, type Confirmations } from '../boards/confirmations.ts';
import { applicationAddressOf, type PresetChoice } from '../boards/preset.ts';

/** What is known of the board that an image is to be written to. Null and empty: not known, and not checked. */
export interface BoardExpectation {
  /** One per chip that the board may carry. */
  readonly variants: readonly {
    readonly mcu: string;
    readonly crystalHz: number | null;
    readonly flashBytes: number | null;
  }[];
  /** Where Katapult is to start the application. */
  readonly applicationAddress: number | null;
  readonly canPins: readonly [string, string] | null;
  readonly bitrateBps: number | null;
  /** What a person vouches for. */
  readonly confirmed: Confirmations;
}

/** A board of which nothing is known: only the image itself and what the bootloader reports are checked. */
export const unknownBoard: BoardExpectation = {
  variants: [],
  applicationAddress: null,
  canPins: null,
  bitrateBps: null,
  confirmed: noConfirmations,
};

/** The same board with what a person vouches for. */
export function confirmedBoard(board: BoardExpectation, confirmed: Confirmations): BoardExpectation {
  return { ...board, confirmed };
}

/** The way an image is to take, with what the bootloader there says of the chip. */
export type ImageTarget =
  /** Katapult, through the ROM bootloader; `flashBytes` by its memory layout. */
  | { readonly through: 'dfu'; readonly flashBytes?: number | null }
  /** Klipper, through Katapult, as it answers to CONNECT. */
  | { readonly through: 'katapult'; readonly applicationStart: number; readonly mcu: string };

/** What a preset (all of it, or one variant) says that an image must fit. A value that is unconfirmed does not bind. */
export function expectationOf(choice: PresetChoice, bitrateBps: number | null = null): BoardExpectation {
  const { canPins } = choice.preset;
  return {
    variants: choice.variants.map(({ mcu, crystalHz, flashKiB }) => ({
      mcu: mcu.value,
      crystalHz: crystalHz.unconfirmed ? null : crystalHz.value,
      flashBytes: flashKiB.value === null || flashKiB.unconfirmed ? null : flashKiB.value * 1024,
    })),
    applicationAddress: applicationAddressOf(choice.preset),
    canPins: canPins.unconfirmed ? null : canPins.value,
    bitrateBps,
    confirmed: noConfirmations,
  };
}
