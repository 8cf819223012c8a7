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
  /** Sectors begun. */
  #pagesWritten = 0;

  constructor(options: KatapultStorageOptions) {
    this.#options = options;
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
    const { size, index } = pageAt(address);
    const pageStart = address - ((address - flashStart) % size);
    const same = equal(this.read(address), block);
    if (address === pageStart) {
      if (!this.#erased(address, size)) {
        if (same && this.#erased(address + blockSize, size - blockSize)) return true;
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
    // The second bank numbers sectors above 11 differently: the peripheral does nothing.
    if (sector === undefined || index > 11) return;
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

  #erased(address: number, length: number): boolean {
    const { flash } = this.#options.controller;
    if (!flash.contains(address, length)) throw new BusFault('read outside of flash');
    return flash.isErased(address, length);
  }
}

function pageAt(address: number): { size: number; index: number } {
  const offset = address - flashStart;
  if (offset < 64 * KiB) return { size: 16 * KiB, index: Math.floor(offset / (16 * KiB)) };
  if (offset < 128 * KiB) return { size: 64 * KiB, index: 4 };
  return { size: 128 * KiB, index: Math.min(15, 4 + Math.floor(offset / (128 * KiB))) };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
