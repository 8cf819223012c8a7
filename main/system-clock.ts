import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../app/transport/clock.ts';

/** Real time. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  async sleep(ms, signal) {
    if (signal === undefined) return delay(ms);
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      // Node wraps the reason; whoever aborted wants to see it as it was given.
      signal.throwIfAborted();
      throw error;
    }
  },
};
