/** One sector: the smallest piece that can be erased. Bytes. */
export interface Sector {
  readonly address: number;
  readonly size: number;
}

/** What the product knows about one MCU. Every file of `app/mcu` names the documents of its figures. */
export interface McuFacts {
  /** As people and shops write it: `STM32F446`. A marking begins with it. */
  readonly label: string;
  /** The CPU clock that Klipper and Katapult set up. */
  readonly clockHz: number;
  /** Main RAM from 0x20000000 that one stack may use (without CCM). */
  readonly ramKiB: number;
  /** Words in the vector table, including the core's 16. */
  readonly vectorCount: number;
  /** Flash sizes in KiB, by their letter in the ordering code. */
  readonly flashKiBByCode: Readonly<Record<string, number>>;
  /** The sector layouts of a flash size: several if option bytes decide. Empty for other sizes. */
  readonly sectorLayouts: (flashKiB: number) => readonly (readonly Sector[])[];
  /** What its ROM bootloader reports over USB; null if it has none there. */
  readonly rom: RomFacts | null;
}

/** What a ROM bootloader that speaks DfuSe reports about its chip. Null: unknown. */
export interface RomFacts {
  /** Where option bytes are described. */
  readonly optionBytes: readonly number[];
  /** The one-time programmable memory, with its lock bytes; null if no document describes it. */
  readonly otp: { readonly address: number; readonly size: number } | null;
  /** `uid`: twelve digits of the chip's UID, see `dfuSerialFits`. Otherwise the same text on every part. */
  readonly serial: 'uid' | { readonly constant: string } | null;
  /** True if the layout string has been seen describing the largest part on a smaller one. */
  readonly overstatesFlash: boolean;
  /** The 96-bit unique id, and two bytes with the KiB of flash. Reading them through DFU is often refused. */
  readonly uidAddress: number;
  readonly flashSizeAddress: number;
}
