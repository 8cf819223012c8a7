/** What the page for builds begins with: `#/firmware/build+octopus:f446+500000`, or without a board `build++500000`. */
export interface BuildWish {
  /** `PRESET:VARIANT`; empty for none. */
  readonly board: string;
  readonly bitrateBps: number;
}

export function buildArgument({ board, bitrateBps }: BuildWish): string {
  return `build+${board}+${bitrateBps}`;
}

/** Null for any other page. */
export function readBuildArgument(argument: string): BuildWish | null {
  const [page, board = '', rate = '', ...more] = argument.split('+');
  if (page !== 'build' || !/^\d{1,9}$/.test(rate) || more.length > 0) return null;
  return { board, bitrateBps: Number(rate) };
}
