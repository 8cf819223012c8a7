import type { Clock } from '../../../app/transport/clock.ts';
import type { Timeline } from '../time/timeline.ts';
import type { FlashTiming, Parallelism } from '../../../app/mcu/flash-timing.ts';
import { stm32f4Timing } from '../../../app/mcu/stm32f4-timing.ts';
import type { Flash } from './flash.ts';

/**
 * Erasing and programming over time. When `signal` (power) ends the work, what was done so far stays done: a sector is
 * erased from its start, a block is programmed from its start.
 */
export class FlashController {
  readonly flash: Flash;
  readonly #clock: Clock;
  readonly #processor: Timeline;
  readonly #timing: FlashTiming;

  constructor(flash: Flash, clock: Clock, processor: Timeline, timing: FlashTiming = stm32f4Timing) {
    this.flash = flash;
    this.#clock = clock;
    this.#processor = processor;
    this.#timing = timing;
  }

  /** False if the flash refused, as `Flash.program` does. */
  async program(
    address: number,
    bytes: Uint8Array,
    parallelism: Parallelism,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (!this.flash.takes(address, bytes.length)) return false;
    await this.#work(this.#timing.programMs(bytes.length, parallelism), signal, (share) => {
      this.flash.program(
        address,
        bytes.subarray(0, wholeUnits(bytes.length * share, this.flash.programming.unitBytes)),
      );
    });
    return this.flash.program(address, bytes);
  }

  async eraseSector(index: number, parallelism: Parallelism, signal: AbortSignal): Promise<void> {
    const size = this.flash.sectors[index]?.size ?? 0;
    await this.#work(this.#timing.eraseMs(size, parallelism), signal, (share) => {
      this.flash.erase(index, Math.floor(size * share));
    });
    this.flash.erase(index);
  }

  async massErase(parallelism: Parallelism, signal: AbortSignal): Promise<void> {
    await this.#work(this.#timing.massEraseMs(this.flash.sizeBytes, parallelism), signal, (share) => {
      const count = Math.floor(this.flash.sectors.length * share);
      for (let index = 0; index < count; index++) this.flash.erase(index);
    });
    this.flash.sectors.forEach((_, index) => this.flash.erase(index));
  }

  async #work(ms: number, signal: AbortSignal, cutShort: (share: number) => void): Promise<void> {
    const startMs = this.#clock.nowMs();
    try {
      await this.#processor.occupy(ms, signal);
    } catch (error) {
      cutShort(this.#processor.share(startMs, ms));
      throw error;
    }
  }
}

function wholeUnits(bytes: number, unitBytes: number): number {
  return Math.floor(bytes / unitBytes) * unitBytes;
}
