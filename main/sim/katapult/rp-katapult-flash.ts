import { rpFlash } from '../../../app/mcu/rp-memory.ts';
import { BusFault, type KatapultStorage, type KatapultStorageOptions } from './katapult-storage.ts';

const { start, sectorBytes, pageBytes } = rpFlash;
/** What every build for these chips takes to be there (`FLASH_SIZE`). */
const assumedBytes = 2 * 1024 * 1024;

/**
 * Katapult's rules for writing on RP2040 and RP2350 (facts: src/rp2040/flash.c): blocks are collected in a page in RAM,
 * which is written when a block of another page comes, or at EOF. A page that begins a sector erases the sector first.
 * Nothing is compared, so every write that is in range succeeds.
 */
export class RpKatapultFlash implements KatapultStorage {
  readonly #options: KatapultStorageOptions;
  /** The page in RAM; null if it is empty. */
  #page: { readonly address: number; readonly bytes: Uint8Array } | null = null;
  #pagesWritten = 0;

  constructor(options: KatapultStorageOptions) {
    this.#options = options;
  }

  /** Flash itself: a block that is still in RAM is not there. */
  read(address: number): Uint8Array {
    const { controller, blockSize } = this.#options;
    if (!controller.flash.contains(address, blockSize)) throw new BusFault('read outside of flash');
    return controller.flash.read(address, blockSize);
  }

  async write(address: number, block: Uint8Array): Promise<boolean> {
    const { blockSize } = this.#options;
    if (address % blockSize !== 0 || address < start || address + blockSize > start + assumedBytes)
      return false;
    const pageAddress = address - (address % pageBytes);
    if (this.#page?.address !== pageAddress) {
      await this.#flush();
      this.#page = { address: pageAddress, bytes: new Uint8Array(pageBytes).fill(0xff) };
    }
    this.#page.bytes.set(block, address - pageAddress);
    return true;
  }

  async complete(): Promise<number> {
    await this.#flush();
    return this.#pagesWritten;
  }

  async #flush(): Promise<void> {
    const page = this.#page;
    if (page === null) return;
    this.#page = null;
    const { controller, faults, power, unplug } = this.#options;
    if (page.address % sectorBytes === 0) {
      const index = controller.flash.sectorAt(page.address);
      if (faults.unplugWithin('katapult', 'erase', 1) !== null) {
        controller.flash.erase(index, sectorBytes / 2);
        unplug();
      }
      await controller.eraseSector(index, 32, power);
    }
    const done = faults.unplugWithin('katapult', 'write', pageBytes);
    if (done !== null) {
      controller.flash.program(page.address, page.bytes.subarray(0, done));
      unplug();
    }
    await controller.program(page.address, page.bytes, 32, power);
    this.#pagesWritten += 1;
  }
}
