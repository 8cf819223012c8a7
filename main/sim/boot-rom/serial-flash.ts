import type { Clock } from '../../../app/transport/clock.ts';
import type { Flash } from '../flash/flash.ts';
import type { Timeline } from '../time/timeline.ts';

export const sectorBytes = 4096;
export const pageBytes = 256;

/**
 * Typical times of a W25Q chip (W25Q16JV, W25Q128JV, "AC electrical characteristics"); reading at the boot ROM's 8 MHz,
 * one bit at a time (pico-bootrom-rp2040, program_flash_generic.c: 48 MHz divided by 6).
 */
const eraseMs = 45;
const programMs = 0.7;
const readMs = 0.27;

/**
 * The flash chip beside an RP2040 or RP2350, over time. Addresses wrap around at its end: a smaller chip ignores the
 * bits above. It reports no failures: what was not erased before is programmed all the same, and a page that did not
 * program looks like one that did. When `signal` ends the work, what was done so far stays.
 */
export class SerialFlash {
  readonly flash: Flash;
  readonly #clock: Clock;
  readonly #timeline: Timeline;

  constructor(flash: Flash, clock: Clock, timeline: Timeline) {
    this.flash = flash;
    this.#clock = clock;
    this.#timeline = timeline;
  }

  async eraseSector(address: number, signal: AbortSignal): Promise<void> {
    const index = this.flash.sectorAt(this.wrapped(address));
    await this.#work(eraseMs, signal, (share) => this.flash.erase(index, Math.floor(sectorBytes * share)));
    this.flash.erase(index);
  }

  /** At most a page. */
  async program(address: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const at = this.wrapped(address);
    await this.#work((programMs * bytes.length) / pageBytes, signal, (share) => {
      this.flash.program(at, bytes.subarray(0, Math.floor(bytes.length * share)));
    });
    this.flash.program(at, bytes);
  }

  /** At most a page. */
  async read(address: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    await this.#timeline.occupy((readMs * length) / pageBytes, signal);
    return this.flash.read(this.wrapped(address), length);
  }

  /** The address in this chip that another one stands for. */
  wrapped(address: number): number {
    const { start, sizeBytes } = this.flash;
    return start + ((address - start) % sizeBytes);
  }

  async #work(ms: number, signal: AbortSignal, cutShort: (share: number) => void): Promise<void> {
    const startMs = this.#clock.nowMs();
    try {
      await this.#timeline.occupy(ms, signal);
    } catch (error) {
      cutShort(this.#timeline.share(startMs, ms));
      throw error;
    }
  }
}
