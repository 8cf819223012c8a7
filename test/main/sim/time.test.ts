import { describe, expect, it } from 'vitest';
import { Timeline } from '../../../main/sim/time/timeline.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { systemClock } from '../../../main/system-clock.ts';

describe('VirtualClock', () => {
  it('wakes sleepers in the order of their times, at their times, without waiting', async () => {
    const clock = new VirtualClock();
    const woken: string[] = [];
    await Promise.all(
      [300_000, 1, 20, 20].map((ms, index) =>
        clock.sleep(ms).then(() => woken.push(`${index} at ${clock.nowMs()}`)),
      ),
    );
    expect(woken).toEqual(['1 at 1', '2 at 20', '3 at 20', '0 at 300000']);
  });

  it('lets everything happen that follows from one moment before the next comes', async () => {
    const clock = new VirtualClock();
    const late = clock.sleep(2).then(() => 'late');
    const chain = clock.sleep(1).then(async () => {
      for (let step = 0; step < 100; step++) await Promise.resolve();
      return clock.nowMs();
    });
    expect(await chain).toBe(1);
    expect(await late).toBe('late');
  });

  it('ends a sleep by its signal, at once, with its reason', async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(1000, stop.signal);
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(clock.sleep(1, stop.signal)).rejects.toBe(reason);
    expect(clock.nowMs()).toBe(0);
  });

  it('stands still while real work is under way', async () => {
    const clock = new VirtualClock();
    let woken = false;
    const sleeping = clock.sleep(1000).then(() => (woken = true));
    const wokenMeanwhile = await clock.whileReal(systemClock.sleep(20).then(() => woken));
    expect(wokenMeanwhile).toBe(false);
    await sleeping;
    expect(clock.nowMs()).toBe(1000);
  });
});

describe('Timeline', () => {
  it('takes as long for a thousand short pieces as for one long one', async () => {
    const clock = new VirtualClock();
    const processor = new Timeline(clock, 1);
    for (let piece = 0; piece < 1000; piece++) await processor.occupy(0.256);
    expect(clock.nowMs()).toBeGreaterThan(254);
    expect(clock.nowMs()).toBeLessThanOrEqual(256.001);
  });

  it('does not save up time in which there was nothing to do', async () => {
    const clock = new VirtualClock();
    const processor = new Timeline(clock, 2);
    await processor.occupy(10);
    await clock.sleep(1000);
    const beforeMs = clock.nowMs();
    await processor.occupy(10);
    expect(clock.nowMs() - beforeMs).toBe(20);
  });
});
