import { isMcuName, mcuFacts } from '../../../app/mcu/mcu.ts';
import { flashStart } from '../../../app/mcu/stm32-memory.ts';
import { BusFault, type KatapultStorage, type KatapultStorageOptions } from './katapult-storage.ts';

const KiB = 1024;
/** Katapult programs and erases 32 bits at a time (src/stm32/flash.c sets PSIZE so). */
const parallelism = 32;

/**
 * Katapult's rules for writing (facts: src/stm32/flash.c): a block at the start of a sector erases the sector, unless
 * the sector is already erased or holds just that block; any other block must find erased flash or its own bytes. It
 * knows one bank.
 */
export class KatapultFlash implements KatapultStorage {
  readonly #options: KatapultStorageOptions;
  /** Its fault on the STM32H723. */
  readonly #needsBlankSectors: boolean;
  /** Sectors begun. */
  #pagesWritten = 0;

  constructor(options: KatapultStorageOptions) {
    const { mcu } = options;
    this.#options = options;
    this.#needsBlankSectors = isMcuName(mcu) && mcuFacts[mcu].katapultNeedsBlankSectors;
  }

  read(address: number): Uint8Array {
    const { controller, blockSize } = this.#options;
    if (!controller.flash.contains(address, blockSize)) throw new BusFault('read outside of flash');
    return controller.flash.read(address, blockSize);
  }

  /** False if the firmware replies with a command error. */
  async write(address: number, block: Uint8Array): Promise<boolean> {
    const { blockSize } = this.#options;
    if (address % blockSize !== 0) return false;
    const { size, index, pageStart } = this.#pageAt(address);
    const same = equal(this.read(address), block);
    if (address === pageStart) {
      if (!this.#erased(address, size)) {
        if (same && this.#erased(address + blockSize, size - blockSize)) return true;
        if (this.#needsBlankSectors) return false;
        this.#pagesWritten++;
        await this.#erase(index);
      } else {
        this.#pagesWritten++;
      }
    } else if (!this.#erased(address, blockSize)) {
      return same;
    }
    await this.#program(address, block);
    return equal(this.read(address), block);
  }

  complete(): Promise<number> {
    return Promise.resolve(this.#pagesWritten);
  }

  async #erase(index: number): Promise<void> {
    const { controller, faults, power, unplug } = this.#options;
    const sector = controller.flash.sectors[index];
    if (sector === undefined) return;
    if (faults.unplugWithin('katapult', 'erase', 1) !== null) {
      controller.flash.erase(index, sector.size / 2);
      unplug();
    }
    await controller.eraseSector(index, parallelism, power);
  }

  async #program(address: number, block: Uint8Array): Promise<void> {
    const { controller, faults, power, unplug } = this.#options;
    const done = faults.unplugWithin('katapult', 'write', block.length);
    if (done !== null) {
      controller.flash.program(address, block.subarray(0, done));
      unplug();
    }
    await controller.program(address, block, parallelism, power);
  }

  /** The page of an address as it counts them, and the sector that its erase reaches, which may be another or none. */
  #pageAt(address: number): { size: number; index: number; pageStart: number } {
    const { flash } = this.#options.controller;
    const found = flash.sectors[flash.sectorAt(address)];
    if (found === undefined) throw new BusFault('written outside of flash');
    const isUniform = flash.sectors[0]?.size === flash.sectors.at(-1)?.size;
    if (!isUniform) return f4Page(address);
    const index = flash.sectorAt(address);
    const last = found.size === 128 * KiB ? lastH7Sector : index;
    return { size: found.size, index: Math.min(index, last), pageStart: found.address };
  }

  #erased(address: number, length: number): boolean {
    const { flash } = this.#options.controller;
    if (!flash.contains(address, length)) throw new BusFault('read outside of flash');
    return flash.isErased(address, length);
  }
}

/** It numbers the sectors of one bank of an H7, and takes any beyond for the last. */
const lastH7Sector = 7;

/** On an F4 it knows one bank: what the second one numbers otherwise, above 11, the peripheral does not erase. */
function f4Page(address: number): { size: number; index: number; pageStart: number } {
  const offset = address - flashStart;
  const size = (offset < 64 * KiB ? 16 : offset < 128 * KiB ? 64 : 128) * KiB;
  const number = offset < 64 * KiB ? Math.floor(offset / size) : 4 + Math.floor(offset / (128 * KiB));
  return { size, index: number > 11 ? -1 : number, pageStart: address - (offset % size) };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
