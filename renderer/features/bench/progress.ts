import type { JobView } from '../../../app/contract/station-contract.ts';

type Progress = NonNullable<JobView['progress']>;

/** Before this, a speed cannot be estimated. */
const minimumMs = 1000;

/** Bytes per second since this phase began; null if it cannot be estimated yet. */
export function speedBps({ startedAt, bytesDone }: Progress, nowMs: number): number | null {
  const passedMs = nowMs - Date.parse(startedAt);
  // The clocks of page and station may differ: never less than zero.
  return passedMs < minimumMs || bytesDone === 0 ? null : (bytesDone / passedMs) * 1000;
}

/** Milliseconds that this phase still takes at its speed so far; null if it cannot be estimated yet. */
export function timeLeftMs(progress: Progress, nowMs: number): number | null {
  const speed = speedBps(progress, nowMs);
  return speed === null ? null : ((progress.bytesTotal - progress.bytesDone) / speed) * 1000;
}

/** 0 to 1. */
export function fractionDone(progress: Progress): number {
  return progress.bytesTotal === 0 ? 1 : progress.bytesDone / progress.bytesTotal;
}
