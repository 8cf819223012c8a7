import type { Parallelism } from '../../../app/mcu/flash-timing.ts';
import { mcuFacts, type McuName } from '../../../app/mcu/mcu.ts';
import { flashStart } from '../../../app/mcu/stm32-memory.ts';
import type { Flash } from '../flash/flash.ts';

/** What keeps its content in an STM32 without power, beside flash: option bytes and factory data. */
export interface ChipMemory {
  /** The 96-bit unique id, in memory order. */
  readonly uid: Uint8Array;
  /** Read protection level 1. */
  readProtected: boolean;
}

const optionByteCount = 16;
/** Only the ROM of an STM32F4 describes it. */
const featureAddress = 0xffff0000;

/** Value of the byte at 0xFFFF0000 to the flash's parallelism (ST AN2606, "voltage range"). */
const parallelisms: readonly Parallelism[] = [8, 16, 16, 32];

/**
 * The memories that the ROM bootloader reaches, as its alternate settings name them, and the chip's UID and flash
 * size, which no alternate setting names.
 */
export class RomMemory {
  readonly #mcu: McuName;
  readonly #flash: Flash;
  readonly #chip: ChipMemory;
  readonly #uidReadable: boolean;
  #feature = 0;

  constructor(mcu: McuName, flash: Flash, chip: ChipMemory, uidReadable: boolean) {
    this.#mcu = mcu;
    this.#flash = flash;
    this.#chip = chip;
    this.#uidReadable = uidReadable;
  }

  /** Addresses that the pointer may be set to. The signature area always may; reading it is another matter. */
  knows(address: number): boolean {
    return this.#flash.contains(address) || this.#small().some((area) => contains(area, address, 1));
  }

  /** The bytes there, up to the end of the memory; null if they may not be read. */
  read(address: number, length: number): Uint8Array | null {
    if (this.#flash.contains(address)) {
      return this.#flash.read(address, Math.min(length, this.#flash.sizeBytes - (address - flashStart)));
    }
    const area = this.#small().find((candidate) => contains(candidate, address, 1));
    if (area === undefined || !area.readable) return null;
    return area.bytes.slice(address - area.address, address - area.address + length);
  }

  /** Accepts a write to the "device feature"; false if `address` is another one. */
  writeFeature(address: number, bytes: Uint8Array): boolean {
    if (address !== featureAddress) return false;
    this.#feature = bytes[0] ?? 0;
    return true;
  }

  get parallelism(): Parallelism {
    return parallelisms[this.#feature] ?? 32;
  }

  #small(): readonly Area[] {
    const { romDfu, uidAddress, flashSizeAddress } = mcuFacts[this.#mcu];
    const areas: Area[] = [];
    for (const address of romDfu?.optionBytes ?? []) {
      const bytes = new Uint8Array(optionByteCount).fill(0xff);
      // RM0090 section 3.9.1: user byte, then the protection level: 0xaa is none.
      bytes.set([0xef, this.#chip.readProtected ? 0x55 : 0xaa], 0);
      areas.push({ address, bytes, readable: true });
    }
    const otp = romDfu?.otp ?? null;
    if (otp !== null) {
      areas.push({ address: otp.address, bytes: new Uint8Array(otp.size).fill(0xff), readable: true });
      areas.push({
        address: featureAddress,
        bytes: Uint8Array.of(this.#feature, 0, 0, 0),
        readable: true,
      });
    }
    if (uidAddress !== null && flashSizeAddress !== null) {
      const sizeAt = flashSizeAddress - uidAddress;
      const bytes = new Uint8Array(sizeAt + 2).fill(0xff);
      const size = this.#flash.sizeBytes / 1024;
      bytes.set(this.#chip.uid);
      bytes.set([size & 0xff, size >> 8], sizeAt);
      areas.push({ address: uidAddress, bytes, readable: this.#uidReadable });
    }
    return areas;
  }
}

interface Area {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly readable: boolean;
}

function contains(area: Area, address: number, length: number): boolean {
  return address >= area.address && address + length <= area.address + area.bytes.length;
}
