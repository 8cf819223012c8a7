import type { Clock } from '../app/transport/clock.ts';

/** Real time. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  // Not the one of node:timers/promises: it creates an AbortError, with its stack, for every cancelled wait.
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', abort, { once: true });
    }),
};
