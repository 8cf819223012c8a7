import type { Parallelism } from '../flash/flash-timing.ts';
import type { Flash } from '../flash/flash.ts';

/** What keeps its content in an STM32F4 without power, beside flash: option bytes and factory data. */
export interface ChipMemory {
  /** The 96-bit unique id, in memory order. */
  readonly uid: Uint8Array;
  /** Read protection level 1. */
  readProtected: boolean;
}

const optionBytesAddress = 0x1fffc000;
const otpAddress = 0x1fff7800;
const otpBytes = 528;
const uidAddress = 0x1fff7a10;
const featureAddress = 0xffff0000;

/** Value of the byte at 0xFFFF0000 to the flash's parallelism (ST AN2606, "voltage range"). */
const parallelisms: readonly Parallelism[] = [8, 16, 16, 32];

/**
 * The memories that the ROM bootloader reaches, as its alternate settings name them, and the chip's UID and flash
 * size, which no alternate setting names.
 */
export class RomMemory {
  readonly #flash: Flash;
  readonly #chip: ChipMemory;
  readonly #uidReadable: boolean;
  #feature = 0;

  constructor(flash: Flash, chip: ChipMemory, uidReadable: boolean) {
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
      return this.#flash.read(address, Math.min(length, this.#flash.sizeBytes - (address - 0x08000000)));
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
    const options = new Uint8Array(16).fill(0xff);
    // RM0090 section 3.9.1: user byte, then the protection level: 0xaa is none.
    options.set([0xef, this.#chip.readProtected ? 0x55 : 0xaa], 0);
    const size = this.#flash.sizeBytes / 1024;
    const signature = Uint8Array.of(
      ...this.#chip.uid,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      0xff,
      size & 0xff,
      size >> 8,
    );
    return [
      { address: optionBytesAddress, bytes: options, readable: true },
      { address: otpAddress, bytes: new Uint8Array(otpBytes).fill(0xff), readable: true },
      { address: uidAddress, bytes: signature, readable: this.#uidReadable },
      { address: featureAddress, bytes: Uint8Array.of(this.#feature, 0, 0, 0), readable: true },
    ];
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
