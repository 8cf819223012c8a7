/**
 * How many bits the flash programs at a time, where firmware chooses it by the supply voltage. Katapult uses 32; the ROM
 * bootloader starts with 8 and can be configured (ST AN2606, "voltage range").
 */
export type Parallelism = 8 | 16 | 32;

/** Typical durations in milliseconds; the longest are about twice as long. */
export interface FlashTiming {
  readonly eraseMs: (sectorBytes: number, parallelism: Parallelism) => number;
  readonly massEraseMs: (flashBytes: number, parallelism: Parallelism) => number;
  readonly programMs: (bytes: number, parallelism: Parallelism) => number;
}

/** Every sector takes the same time, and programming goes by units of one size. */
export function uniformTiming(
  eraseMs: number,
  massEraseMs: number,
  unitBytes: number,
  unitUs: number,
): FlashTiming {
  return {
    eraseMs: () => eraseMs,
    massEraseMs: () => massEraseMs,
    programMs: (bytes) => (Math.ceil(bytes / unitBytes) * unitUs) / 1000,
  };
}
