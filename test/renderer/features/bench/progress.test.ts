import { describe, expect, it } from 'vitest';
import { fractionDone, speedBps, timeLeftMs } from '../../../../renderer/features/bench/progress.ts';

const startedAt = '2026-01-01T12:00:00.000Z';
const startMs = Date.parse(startedAt);
const progress = (bytesDone: number, bytesTotal = 1000) =>
  ({ phase: 'write', bytesDone, bytesTotal, startedAt }) as const;

describe('time left', () => {
  it('goes by the speed so far', () => {
    expect(timeLeftMs(progress(250), startMs + 5000)).toBe(15_000);
    expect(timeLeftMs(progress(1000), startMs + 5000)).toBe(0);
  });

  it('is unknown before there is a speed', () => {
    expect(timeLeftMs(progress(0), startMs + 5000)).toBeNull();
    expect(timeLeftMs(progress(100), startMs + 200)).toBeNull();
  });

  it('is unknown if the clocks of page and station differ', () => {
    expect(timeLeftMs(progress(100), startMs - 60_000)).toBeNull();
  });
});

describe('speed', () => {
  it('is bytes a second since the phase began', () => {
    expect(speedBps(progress(500), startMs + 2000)).toBe(250);
    expect(speedBps(progress(0), startMs + 2000)).toBeNull();
    expect(speedBps(progress(500), startMs + 10)).toBeNull();
  });
});

describe('the part that is done', () => {
  it('is 0 to 1, and 1 where there was nothing to do', () => {
    expect(fractionDone(progress(250))).toBe(0.25);
    expect(fractionDone(progress(0, 0))).toBe(1);
  });
});
