import type { Sector } from '../mcu/mcu-facts.ts';

/** What a chip in ROM DFU reports about itself. Null: not reported. */
export interface ChipFacts {
  /** The parts of flash from 0x08000000, in the order of their addresses. */
  readonly sectors: readonly Sector[];
  /** The sum of them. */
  readonly flashBytes: number;
  /** False if the description of flash breaks off: there may be more. */
  readonly isWhole: boolean;
  /** Where option bytes begin. */
  readonly optionBytes: readonly number[] | null;
  /** The one-time programmable memory. */
  readonly otp: { readonly address: number; readonly size: number } | null;
  /** The serial number of the USB device; not an identity. */
  readonly serial: string | null;
  /** 24 upper-case hex digits. */
  readonly uid: string | null;
  /** From the register that the factory has written. */
  readonly flashSizeKiB: number | null;
}
