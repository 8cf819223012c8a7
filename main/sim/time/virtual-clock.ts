import type { Clock } from '../../../app/transport/clock.ts';

/** Longer waits are for a person or a silent device: nothing else may be running then. */
const longWaitMs = 5_000;
/** Real time left for work that the event loop does not show, such as hashing in a thread. */
const momentMs = 5;

interface Sleeper {
  readonly dueMs: number;
  wake(): void;
}

/**
 * A clock for tests: as soon as there is nothing to do, time jumps to the next sleeper, so that a mass erase takes no
 * longer than a block. Same sequence, same times, on every machine.
 *
 * "Nothing to do" is one turn of the event loop without a waking sleeper, and a moment more before a long wait ends,
 * so that no deadline passes while the other side is hashing. Slow real work (a file, a child process) does not count
 * as something to do: put it into `whileReal`, or time-outs that run beside it may come early.
 */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #holds = 0;
  #scheduled = false;
  /** By due time, then by age. */
  readonly #sleepers: Sleeper[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const abort = () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        dueMs: this.#nowMs + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      const later = this.#sleepers.findIndex((other) => other.dueMs > sleeper.dueMs);
      this.#sleepers.splice(later < 0 ? this.#sleepers.length : later, 0, sleeper);
      this.#schedule();
    });
  }

  /** Time stands still until `work` has settled. */
  async whileReal<T>(work: Promise<T>): Promise<T> {
    this.#holds++;
    try {
      return await work;
    } finally {
      this.#holds--;
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#look(false));
  }

  #look(hasWaited: boolean): void {
    this.#scheduled = false;
    if (this.#holds > 0) return;
    const [next] = this.#sleepers;
    if (next === undefined) return;
    if (!hasWaited && next.dueMs - this.#nowMs > longWaitMs) {
      this.#scheduled = true;
      setTimeout(() => this.#look(next === this.#sleepers[0]), momentMs);
      return;
    }
    this.#sleepers.shift();
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    next.wake();
    if (this.#sleepers.length > 0) this.#schedule();
  }
}
