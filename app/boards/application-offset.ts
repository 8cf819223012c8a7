interface Stated {
  readonly value: number;
  readonly unconfirmed?: true | undefined;
}

/**
 * Where Katapult starts the application of a chip on a board, in KiB from the start of flash: the chip's own place, or
 * the board's. Also for a preset that came over the contract.
 */
export function applicationOffsetOf(
  preset: { readonly applicationOffsetKiB: Stated },
  variant: { readonly applicationOffsetKiB?: Stated | undefined },
): Stated {
  return variant.applicationOffsetKiB ?? preset.applicationOffsetKiB;
}
