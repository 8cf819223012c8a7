import type { PicobootStatusName } from '../../../app/protocols/picoboot/status.ts';
import type { RpName } from './boot-rom-descriptors.ts';
import { pageBytes } from './serial-flash.ts';

/** What is at an address, as the boot ROM tells memories apart (usb_boot_device.h): RAM before flash. */
export type Place = 'flash' | 'ram' | 'rom';

const xipRam = { start: 0x15000000, bytes: 16 * 1024 };
const flashStart = 0x10000000;
const ramStart = 0x20000000;
const ramBytes: Readonly<Record<RpName, number>> = { rp2040: 264 * 1024, rp2350: 520 * 1024 };
const romBytes: Readonly<Record<RpName, number>> = { rp2040: 8 * 1024, rp2350: 32 * 1024 };

/** The memories that PICOBOOT reaches besides flash. */
export class BootRomMemory {
  readonly #xipRam = new Uint8Array(xipRam.bytes);
  readonly #ram: Uint8Array;
  readonly #rom: Uint8Array;

  constructor(mcu: RpName) {
    this.#ram = new Uint8Array(ramBytes[mcu]);
    this.#rom = new Uint8Array(romBytes[mcu]);
    // "Mu", the kind of ROM and its version (RP2040 datasheet, 2.8.3; RP2350 datasheet, 5.4).
    this.#rom.set([0x4d, 0x75, mcu === 'rp2040' ? 1 : 2, mcu === 'rp2040' ? 3 : 2], 0x10);
  }

  /** Where a piece of data goes or comes from, or the status with which the ROM refuses. */
  judge(address: number, length: number, isWrite: boolean): Place | PicobootStatusName {
    if (this.#area(address, length, isWrite) !== null) return address < flashStart ? 'rom' : 'ram';
    if (address < flashStart || address + length > ramStart) return 'INVALID_ADDRESS';
    return address % pageBytes === 0 ? 'flash' : 'BAD_ALIGNMENT';
  }

  /** Of RAM and ROM. */
  read(address: number, length: number): Uint8Array {
    return this.#area(address, length, false)?.slice() ?? new Uint8Array(length);
  }

  /** Of RAM. */
  write(address: number, bytes: Uint8Array): void {
    this.#area(address, bytes.length, true)?.set(bytes);
  }

  #area(address: number, length: number, isWrite: boolean): Uint8Array | null {
    const areas = [
      { start: xipRam.start, bytes: this.#xipRam },
      { start: ramStart, bytes: this.#ram },
      ...(isWrite ? [] : [{ start: 0, bytes: this.#rom }]),
    ];
    for (const { start, bytes } of areas) {
      const at = address - start;
      if (at >= 0 && at + length <= bytes.length) return bytes.subarray(at, at + length);
    }
    return null;
  }
}
