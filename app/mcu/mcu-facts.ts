import type { CanFacts } from './can-facts.ts';
import type { ClockFacts } from './clock-facts.ts';
import type { FlashTiming } from './flash-timing.ts';
import type { KconfigSymbols } from './kconfig-symbols.ts';
import type { ByFirmware, MemoryMap } from './memory-map.ts';

/** One sector (ST: sector or page): the smallest piece that can be erased. Bytes. */
export interface Sector {
  readonly address: number;
  readonly size: number;
}

/**
 * What the product knows about one MCU. Every file of `app/mcu` names the documents of its figures; null is a fact that
 * no document or part has shown, or that this MCU lacks where the field says so.
 */
export interface McuFacts {
  /** As people and shops write it: `STM32F446`. A marking begins with it. */
  readonly label: string;
  /** Where flash and RAM are, and what begins an image. */
  readonly memory: MemoryMap;
  /** The CPU clock that each firmware sets up. */
  readonly clockHz: ByFirmware<number>;
  /** The first word of an image: the end of the RAM that its linker script takes, for Katapult less its request word. */
  readonly stackPointer: ByFirmware<number>;
  /** Where an image holds its vector table, from its first byte: what comes before it is for the ROM. */
  readonly vectorTableOffset: ByFirmware<number>;
  /** Words in the vector table, including the core's 16. */
  readonly vectorCount: number;
  /** As in `memory`, but only what today's builds offer for this MCU. */
  readonly applicationOffsets: ByFirmware<readonly number[]>;
  /** Flash sizes in KiB, by their letter in the ordering code; of a chip without flash of its own, by the board's. */
  readonly flashKiBByCode: Readonly<Record<string, number>>;
  /** The sector layouts of a flash size: several if option bytes decide. Empty for other sizes. */
  readonly sectorLayouts: (flashKiB: number) => readonly (readonly Sector[])[];
  /** How flash takes data. */
  readonly programming: ProgrammingFacts;
  /** Whether Katapult fails at the first block of a sector that is not blank, instead of erasing it. */
  readonly katapultNeedsBlankSectors: boolean;
  /** How long flash takes. */
  readonly timing: FlashTiming;
  /** How both firmwares set its clock up, and for which crystals they can; null if boards have no choice of crystal. */
  readonly clock: ClockFacts | null;
  /** How their builds name it and its choices. */
  readonly kconfig: KconfigSymbols;
  /** Its pins as Klipper spells them: `PD0`. */
  readonly pin: RegExp;
  readonly can: CanFacts;
  /** What is printed on it. */
  readonly marking: RegExp;
  /** Where the unique id is that Katapult and Klipper report; null if it is not in the address space. */
  readonly uidAddress: number | null;
  /** Two bytes with the KiB of flash, written in the factory; null if it has none. */
  readonly flashSizeAddress: number | null;
  /** What its ROM's DFU reports over USB; null if it has none. */
  readonly romDfu: RomDfuFacts | null;
}

export interface ProgrammingFacts {
  /** Bytes that are programmed at once. */
  readonly unitBytes: number;
  /** A unit takes data only once after an erase, as it is stored with an error correction code (also all ones). */
  readonly once: boolean;
}

/** What a ROM bootloader that speaks DfuSe reports about its chip. */
export interface RomDfuFacts {
  /** The release number in its USB device descriptor; null: not seen. */
  readonly bcdDevice: number | null;
  /** Where option bytes are described; empty if none are. */
  readonly optionBytes: readonly number[];
  /** The one-time programmable memory, with its lock bytes; null if no document describes it. */
  readonly otp: { readonly address: number; readonly size: number } | null;
  /** `uid`: twelve digits of the chip's UID, see `dfuSerialFits`. Otherwise the same text on every part. Null: unknown. */
  readonly serial: 'uid' | { readonly constant: string } | null;
  /** True if the layout string has been seen describing the largest part on a smaller one. */
  readonly overstatesFlash: boolean;
  /** It takes a chip for an empty one until the next power-on, so that it starts again after a first flash. */
  readonly keepsEmptyFlag?: true;
}
