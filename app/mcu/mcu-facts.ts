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
  /** How both firmwares set its clock up, and for which crystals they can. */
  readonly clock: ClockFacts;
  /** How their builds name it and its choices. */
  readonly kconfig: KconfigSymbols;
  /** Its pins as Klipper spells them: `PD0`. */
  readonly pin: RegExp;
  /** What is printed on it. */
  readonly marking: RegExp;
  /** What its ROM bootloader reports over USB; null if it has none there. */
  readonly rom: RomFacts | null;
}

/** The register that decides the clock, and the crystal that a value of it is for. */
export interface ClockFacts {
  readonly register: number;
  readonly resetValue: number;
  /** What both firmwares write for a crystal; null: for the internal oscillator. */
  readonly wordFor: (crystalHz: number | null) => number;
  /** The crystal of a value that either firmware writes, 0 for the internal oscillator; null for any other value. */
  readonly crystalOf: (word: number) => number | null;
  /** Whether their set-up gives USB its 48 MHz from a crystal. */
  readonly runsUsbFrom: (crystalHz: number) => boolean;
}

/** A choice of kconfig: the symbol of one value, and what the symbols of all values look like. */
export interface KconfigChoice<T> {
  readonly symbol: (value: T) => string;
  /** Its first group is the value. */
  readonly all: RegExp;
}

/** The symbols by which Klipper and Katapult are configured for a chip. */
export interface KconfigSymbols {
  /** Chooses the family. */
  readonly machine: string;
  readonly mcu: (mcu: string) => string;
  /** USB of Katapult, and USB with CAN of Klipper as a bridge. */
  readonly usb: string;
  readonly bridge: string;
  /** "Do not build" the deployer: Katapult itself goes to the start of flash. */
  readonly noDeployer: string;
  /** By the crystal in Hz. */
  readonly clock: KconfigChoice<number>;
  /** Where Katapult starts the application, and where Klipper is; by the offset from the start of flash. */
  readonly launch: KconfigChoice<number>;
  readonly application: KconfigChoice<number>;
  readonly canPins: KconfigChoice<readonly [string, string]>;
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
