import { describe, expect, it } from 'vitest';
import { LiveValue } from '../../../app/contract/live-value.ts';

describe('a live value', () => {
  it('is sent now, then after each change', async () => {
    const value = new LiveValue(1);
    const values = value.follow(new AbortController().signal);
    expect((await values.next()).value).toBe(1);
    const next = values.next();
    value.set(2);
    expect((await next).value).toBe(2);
    expect(value.current).toBe(2);
    await values.return();
  });

  it('sends a slow follower the newest one once, and serves each follower separately', async () => {
    const value = new LiveValue(0);
    const [slow, late] = [
      value.follow(new AbortController().signal),
      value.follow(new AbortController().signal),
    ];
    await slow.next();
    for (let n = 1; n <= 1000; n++) value.set(n);
    expect((await slow.next()).value).toBe(1000);
    expect((await late.next()).value).toBe(1000);
    const next = slow.next();
    value.set(1001);
    expect((await next).value).toBe(1001);
    await slow.return();
    await late.return();
  });

  it('lets its followers end', async () => {
    const controller = new AbortController();
    const values = new LiveValue(0).follow(controller.signal);
    await values.next();
    const next = values.next();
    controller.abort();
    expect((await next).done).toBe(true);
  });
});
