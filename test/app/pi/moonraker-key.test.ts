import { describe, expect, it } from 'vitest';
import { MoonrakerKey } from '../../../app/pi/moonraker-key.ts';

/** A key that is asked of a person who knows these, one after the other. */
function keyOf(...answers: readonly (string | null)[]): { key: MoonrakerKey; asked: number[] } {
  const asked: number[] = [];
  const key = new MoonrakerKey('voron', ({ attempt }) => {
    asked.push(attempt);
    return Promise.resolve(answers[attempt - 1] ?? null);
  });
  return { key, asked };
}

describe("Moonraker's key", () => {
  it('is asked for once, however many requests were refused', async () => {
    const { key, asked } = keyOf('abc');
    expect(key.current).toBeNull();
    expect(await Promise.all([key.insteadOf(null), key.insteadOf(null)])).toEqual(['abc', 'abc']);
    expect(await key.insteadOf(null)).toBe('abc');
    expect(key.current).toBe('abc');
    expect(asked).toEqual([1]);
  });

  it('is asked for again where it was wrong, three times at most', async () => {
    const { key, asked } = keyOf('a', 'b', 'c', 'd');
    expect(await key.insteadOf(null)).toBe('a');
    expect(await key.insteadOf('a')).toBe('b');
    expect(await key.insteadOf('b')).toBe('c');
    expect(await key.insteadOf('c')).toBeNull();
    expect(asked).toEqual([1, 2, 3]);
  });

  it('is not asked for again after the person gave up', async () => {
    const { key, asked } = keyOf(null, 'abc');
    expect(await key.insteadOf(null)).toBeNull();
    expect(await key.insteadOf(null)).toBeNull();
    expect(asked).toEqual([1]);
  });
});
