import type { Sector } from '../mcu/mcu-facts.ts';

/** What a chip in ROM DFU tells of itself. Null: not told. */
export interface ChipFacts {
  /** Of the flash that begins at 0x08000000, in the order of their addresses. */
  readonly sectors: readonly Sector[];
  /** The sum of them. */
  readonly flashBytes: number;
  /** False where the description of flash breaks off: there may be more. */
  readonly isWhole: boolean;
  /** Where option bytes begin. */
  readonly optionBytes: readonly number[] | null;
  /** The one-time programmable memory. */
  readonly otp: { readonly address: number; readonly size: number } | null;
  /** The serial number of the USB device; no identity. */
  readonly serial: string | null;
  /** 24 upper-case hex digits. */
  readonly uid: string | null;
  /** By the register that the factory has written. */
  readonly flashSizeKiB: number | null;
}
