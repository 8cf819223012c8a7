/** One sector: the smallest piece that can be erased. Bytes. */
export interface Sector {
  readonly address: number;
  readonly size: number;
}

/** What the product knows of one MCU. Every file of `app/mcu` names the documents that its figures are from. */
export interface McuFacts {
  /** As people and shops write it: `STM32F446`. A marking begins with it. */
  readonly label: string;
  /** The CPU clock that Klipper and Katapult set up. */
  readonly clockHz: number;
  /** Main RAM from 0x20000000 on that one stack may lie in (without CCM). */
  readonly ramKiB: number;
  /** Words in the vector table, the 16 of the core included. */
  readonly vectorCount: number;
  /** KiB of flash in which it is sold, by the letter for them in its ordering code. */
  readonly flashKiBByCode: Readonly<Record<string, number>>;
  /** How flash of a size is divided into sectors: several ways where option bytes decide. Empty for other sizes. */
  readonly sectorLayouts: (flashKiB: number) => readonly (readonly Sector[])[];
  /** What its ROM bootloader tells over USB; null where it has none there. */
  readonly rom: RomFacts | null;
}

/** What a ROM bootloader that speaks DfuSe tells of its chip. Null: not known. */
export interface RomFacts {
  /** Where option bytes are described. */
  readonly optionBytes: readonly number[];
  /** The one-time programmable memory, with its lock bytes; null where none is described. */
  readonly otp: { readonly address: number; readonly size: number } | null;
  /** `uid`: twelve digits of the chip's UID, see `dfuSerialFits`. Otherwise the same text on every part. */
  readonly serial: 'uid' | { readonly constant: string } | null;
  /** True where the layout string was seen to describe the largest part on a smaller one, too. */
  readonly overstatesFlash: boolean;
  /** The 96-bit unique id, and two bytes with the KiB of flash. Reading them through DFU is often refused. */
  readonly uidAddress: number;
  readonly flashSizeAddress: number;
}
