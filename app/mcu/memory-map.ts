/** A value of each firmware, where the two differ. */
export interface ByFirmware<T> {
  readonly katapult: T;
  readonly klipper: T;
}

/** Addresses from `start` up to, without, `end`. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/** The address space of an architecture, and the places that images have in it, whatever their MCU. */
export interface MemoryMap {
  /** Flash as the CPU sees it; `end` is that of the largest part. */
  readonly flash: AddressRange;
  /** The RAM in which either firmware keeps its data. */
  readonly ram: readonly AddressRange[];
  /** The most that a vector table takes at the start of RAM, in front of the data; 0 if it stays in flash. */
  readonly vectorBytesInRam: number;
  /** Where a vector table may be in an image, from its first byte. */
  readonly vectorTableOffsets: readonly number[];
  /** From the start of flash: where builds of Katapult start an application, and where those of Klipper begin. */
  readonly applicationOffsets: ByFirmware<readonly number[]>;
}
