import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../app/transport/clock.ts';

/** Real time. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
};
