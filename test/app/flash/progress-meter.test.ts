import { describe, expect, it } from 'vitest';
import { ProgressMeter } from '../../../app/flash/progress-meter.ts';

function meterAt(times: readonly number[]): ProgressMeter {
  let index = 0;
  return new ProgressMeter({ nowMs: () => times[index++] ?? 0, sleep: () => Promise.resolve() });
}

describe('ProgressMeter', () => {
  it('shows no speed before it can be estimated', () => {
    const meter = meterAt([0, 10]);
    meter.take({ type: 'progress', phase: 'write', bytesDone: 0, bytesTotal: 1000 });
    const early = meter.take({ type: 'progress', phase: 'write', bytesDone: 100, bytesTotal: 1000 });
    expect(early).toMatchObject({ fraction: 0.1, bytesPerSecond: null, remainingMs: null });
  });

  it('derives speed and time left from the phase it is in', () => {
    const meter = meterAt([0, 1000, 2000, 4000]);
    meter.take({ type: 'progress', phase: 'write', bytesDone: 0, bytesTotal: 1000 });
    const writing = meter.take({ type: 'progress', phase: 'write', bytesDone: 250, bytesTotal: 1000 });
    expect(writing).toMatchObject({ bytesPerSecond: 250, remainingMs: 3000 });
    meter.take({ type: 'progress', phase: 'verify', bytesDone: 0, bytesTotal: 1000 });
    const reading = meter.take({ type: 'progress', phase: 'verify', bytesDone: 500, bytesTotal: 1000 });
    expect(reading).toMatchObject({ phase: 'verify', bytesPerSecond: 250, remainingMs: 2000 });
  });

  it('calls nothing to do done', () => {
    expect(
      meterAt([0]).take({ type: 'progress', phase: 'erase', bytesDone: 0, bytesTotal: 0 })?.fraction,
    ).toBe(1);
  });

  it('ignores other events', () => {
    expect(meterAt([0]).take({ type: 'note', text: 'x' })).toBeNull();
  });
});
