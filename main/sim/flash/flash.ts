import { flashStart } from '../../../app/mcu/stm32-memory.ts';
import type { ProgrammingFacts, Sector } from '../../../app/mcu/mcu-facts.ts';
import { mcuFacts, type McuName } from '../../../app/mcu/mcu.ts';
import { sectorsOf } from '../../../app/mcu/stm32f4-flash.ts';

/** A stuck bit of one flash cell: `sticksAt` 1 cannot be programmed, 0 cannot be erased. */
interface StuckBit {
  readonly address: number;
  readonly bit: number;
  readonly sticksAt: 0 | 1;
}

/**
 * The cells of a flash: erasing makes every byte of a sector 0xff, programming only turns ones into zeros.
 * Holds memory only for sectors that were written. Has no notion of time; see FlashController.
 */
export class Flash {
  readonly sectors: readonly Sector[];
  readonly sizeBytes: number;
  /** The address of its first byte. */
  readonly start: number;
  /** How often each sector was erased, by its index. */
  readonly eraseCounts: number[];
  readonly stuckBits: StuckBit[] = [];
  /** Counts every operation that may have changed a byte. */
  changes = 0;
  readonly programming: ProgrammingFacts;
  /** Null while a sector is all 0xff. */
  readonly #cells: (Uint8Array | null)[];
  /** Where units begin that were programmed since their last erase, if they take data only once. */
  readonly #programmed: Set<number>[];

  /** An STM32F4's sectors, unless others are given: from the start of flash on, without gaps. */
  constructor(
    flashKiB: number,
    sectors: readonly Sector[] = sectorsOf(flashKiB),
    programming: ProgrammingFacts = { unitBytes: 4, once: false },
  ) {
    this.sectors = sectors;
    this.programming = programming;
    this.#programmed = sectors.map(() => new Set());
    this.sizeBytes = flashKiB * 1024;
    this.start = sectors[0]?.address ?? flashStart;
    this.eraseCounts = this.sectors.map(() => 0);
    this.#cells = this.sectors.map(() => null);
  }

  /** The flash of a chip that is sold with this size. */
  static of(mcu: McuName, flashKiB: number): Flash {
    const { sectorLayouts, programming } = mcuFacts[mcu];
    return new Flash(flashKiB, sectorLayouts(flashKiB)[0], programming);
  }

  contains(address: number, length = 1): boolean {
    return address >= this.start && address + length <= this.#end;
  }

  /** The index of the sector that holds `address`; -1 outside of flash. */
  sectorAt(address: number): number {
    return this.sectors.findIndex(
      (sector) => address >= sector.address && address < sector.address + sector.size,
    );
  }

  /** A copy. Throws RangeError outside of flash, like all methods here. */
  read(address: number, length: number): Uint8Array {
    this.#require(address, length);
    const bytes = new Uint8Array(length).fill(0xff);
    this.#eachPart(address, length, (index, from, to, at) => {
      const cells = this.#cells[index];
      if (cells) bytes.set(cells.subarray(from, to), at);
    });
    return bytes;
  }

  readWord(address: number): number {
    return new DataView(this.read(address, 4).buffer).getUint32(0, true);
  }

  /** True if every byte is 0xff. */
  isErased(address: number, length: number): boolean {
    this.#require(address, length);
    let erased = true;
    this.#eachPart(address, length, (index, from, to) => {
      const cells = this.#cells[index];
      erased &&= !cells || cells.subarray(from, to).every((byte) => byte === 0xff);
    });
    return erased;
  }

  /** Whether it would be programmed there: in whole units, none of which took data since its last erase. */
  takes(address: number, length: number): boolean {
    const { unitBytes, once } = this.programming;
    if (!once) return true;
    if (address % unitBytes !== 0 || length % unitBytes !== 0) return false;
    let isFresh = true;
    this.#eachUnit(address, length, (units, at) => (isFresh &&= !units.has(at)));
    return isFresh;
  }

  /** Turns ones into zeros where `bytes` has zeros. False, and nothing changes, if flash does not take them. */
  program(address: number, bytes: Uint8Array): boolean {
    this.#require(address, bytes.length);
    if (!this.takes(address, bytes.length)) return false;
    if (this.programming.once) this.#eachUnit(address, bytes.length, (units, at) => units.add(at));
    this.#eachPart(address, bytes.length, (index, from, to, at) => {
      const cells = this.#own(index);
      for (let offset = from; offset < to; offset++) {
        cells[offset] = (cells[offset] ?? 0xff) & (bytes[at + offset - from] ?? 0xff);
      }
    });
    this.#applyStuckBits();
    return true;
  }

  /** Erases the whole sector, or only its first `bytes` if the supply fails midway. */
  erase(index: number, bytes = this.sectors[index]?.size ?? 0): void {
    const sector = this.sectors[index];
    if (sector === undefined) throw new RangeError(`no sector ${index}`);
    this.eraseCounts[index] = (this.eraseCounts[index] ?? 0) + 1;
    this.changes++;
    const units = this.#programmed[index];
    for (const at of units ?? []) if (at < sector.address + bytes) units?.delete(at);
    if (bytes >= sector.size) this.#cells[index] = null;
    else this.#cells[index]?.fill(0xff, 0, bytes);
    this.#applyStuckBits();
  }

  /** Stores bytes as an external programmer would: in no time, whatever was there before. */
  load(address: number, bytes: Uint8Array): void {
    this.#require(address, bytes.length);
    this.#eachPart(address, bytes.length, (index, from, to, at) => {
      this.#own(index).set(bytes.subarray(at, at + to - from), from);
    });
    if (this.programming.once) this.#eachUnit(address, bytes.length, (units, at) => units.add(at));
    this.#applyStuckBits();
  }

  /** The bytes from `address`, within the next `length`, up to the last that is not 0xff, in whole blocks of 64. */
  readContent(address: number, length: number): Uint8Array {
    let end = address;
    this.#eachPart(address, Math.min(length, this.#end - address), (index, from, to, at) => {
      const cells = this.#cells[index];
      for (let offset = to - 1; cells && offset >= from; offset--) {
        if (cells[offset] === 0xff) continue;
        end = address + at + offset - from + 1;
        break;
      }
    });
    return this.read(address, Math.ceil((end - address) / 64) * 64);
  }

  get #end(): number {
    return this.start + this.sizeBytes;
  }

  /** Visits every unit that a part of the range is in. */
  #eachUnit(address: number, length: number, visit: (units: Set<number>, at: number) => void): void {
    const { unitBytes } = this.programming;
    for (let at = address - (address % unitBytes); at < address + length; at += unitBytes) {
      const units = this.#programmed[this.sectorAt(at)];
      if (units !== undefined) visit(units, at);
    }
  }

  #own(index: number): Uint8Array {
    this.changes++;
    return (this.#cells[index] ??= new Uint8Array(this.sectors[index]?.size ?? 0).fill(0xff));
  }

  #applyStuckBits(): void {
    for (const { address, bit, sticksAt } of this.stuckBits) {
      const index = this.sectorAt(address);
      const cells = this.#own(index);
      const offset = address - (this.sectors[index]?.address ?? 0);
      const value = cells[offset] ?? 0xff;
      cells[offset] = sticksAt === 1 ? value | (1 << bit) : value & ~(1 << bit);
    }
  }

  #require(address: number, length: number): void {
    if (!this.contains(address, length)) {
      throw new RangeError(`0x${address.toString(16)} and ${length} bytes are not all in flash`);
    }
  }

  #eachPart(
    address: number,
    length: number,
    visit: (index: number, from: number, to: number, at: number) => void,
  ): void {
    for (let at = 0; at < length;) {
      const index = this.sectorAt(address + at);
      const sector = this.sectors[index];
      if (sector === undefined) return;
      const from = address + at - sector.address;
      const to = Math.min(sector.size, from + length - at);
      visit(index, from, to, at);
      at += to - from;
    }
  }
}
