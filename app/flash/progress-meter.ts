import type { Clock } from '../transport/clock.ts';
import type { FlashEvent, Phase } from './flash-event.ts';

/** What a person wants to know about a running phase, derived from its progress events. */
export interface PhaseProgress {
  readonly phase: Phase;
  /** 0 to 1. */
  readonly fraction: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** Null until it can be estimated. */
  readonly bytesPerSecond: number | null;
  readonly remainingMs: number | null;
}

/** Below this much time a speed is noise. */
const settleMs = 250;

/** Turns a flasher's events into progress with speed and time left. One meter per run. */
export class ProgressMeter {
  readonly #clock: Clock;
  #phase: Phase | null = null;
  #startMs = 0;
  #startBytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Null for events that are not progress. */
  take(event: FlashEvent): PhaseProgress | null {
    if (event.type !== 'progress') return null;
    const nowMs = this.#clock.nowMs();
    if (event.phase !== this.#phase) {
      this.#phase = event.phase;
      this.#startMs = nowMs;
      this.#startBytes = event.bytesDone;
    }
    const { phase, bytesDone, bytesTotal } = event;
    const elapsedMs = nowMs - this.#startMs;
    const bytes = bytesDone - this.#startBytes;
    const known = elapsedMs >= settleMs && bytes > 0;
    return {
      phase,
      fraction: bytesTotal === 0 ? 1 : bytesDone / bytesTotal,
      bytesDone,
      bytesTotal,
      bytesPerSecond: known ? (bytes * 1000) / elapsedMs : null,
      remainingMs: known ? ((bytesTotal - bytesDone) * elapsedMs) / bytes : null,
    };
  }
}
