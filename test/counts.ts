/** Whether the long tests run in full: `npm run test:long`. */
const isLong = process.env['CANOPUS_LONG'] === '1';

/**
 * How many cases of a long test run: all of them in the long run, else a tenth of them. The sample is the same in every
 * run, because the seeds are fixed. `least` where fewer would prove nothing.
 */
export function cases(full: number, least = 1): number {
  return isLong ? full : Math.min(full, Math.max(least, Math.ceil(full / 10)));
}

/** The numbers below `full` that run: all of them in the long run, else `least`, evenly spread and with the last one. */
export function spread(full: number, least: number): number[] {
  const count = isLong ? full : Math.min(full, least);
  return Array.from({ length: count }, (_, index) => Math.ceil(((index + 1) * full) / count) - 1);
}
