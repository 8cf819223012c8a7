import type { JobView } from '../../../app/contract/station-contract.ts';

type Progress = NonNullable<JobView['progress']>;

/** Too early to tell anything about speed. */
const minimumMs = 1000;

/** Bytes a second since this phase began; null while that cannot be told. */
export function speedBps({ startedAt, bytesDone }: Progress, nowMs: number): number | null {
  const passedMs = nowMs - Date.parse(startedAt);
  // Less than nothing has passed where the clocks of the page and of the station differ.
  return passedMs < minimumMs || bytesDone === 0 ? null : (bytesDone / passedMs) * 1000;
}

/** Milliseconds that this phase will still take at its speed so far; null while that cannot be told. */
export function timeLeftMs(progress: Progress, nowMs: number): number | null {
  const speed = speedBps(progress, nowMs);
  return speed === null ? null : ((progress.bytesTotal - progress.bytesDone) / speed) * 1000;
}

/** 0 to 1. */
export function fractionDone(progress: Progress): number {
  return progress.bytesTotal === 0 ? 1 : progress.bytesDone / progress.bytesTotal;
}
