import type { JobView } from '../../../app/contract/station-contract.ts';

type Progress = NonNullable<JobView['progress']>;

/** Too early to tell anything about speed. */
const minimumMs = 1000;

/** Milliseconds that this phase will still take at its speed so far; null while that cannot be told. */
export function timeLeftMs(progress: Progress, nowMs: number): number | null {
  const passedMs = nowMs - Date.parse(progress.startedAt);
  if (passedMs < minimumMs || progress.bytesDone === 0) return null;
  return (passedMs / progress.bytesDone) * (progress.bytesTotal - progress.bytesDone);
}

/** 0 to 1. */
export function fractionDone(progress: Progress): number {
  return progress.bytesTotal === 0 ? 1 : progress.bytesDone / progress.bytesTotal;
}
