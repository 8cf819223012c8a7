import { describe, expect, it } from 'vitest';
import { ladderAfter } from '../../../app/flow/ladder.ts';

describe('the ladder of next steps', () => {
  it('is empty at first and grows while nothing happens', () => {
    const facts = { boot0: 'jumper', platform: 'linux' } as const;
    expect(ladderAfter(0, facts)).toEqual([]);
    let before: readonly string[] = [];
    for (let s = 0; s <= 200; s++) {
      const now = ladderAfter(s * 1000, facts);
      expect(now.slice(0, before.length)).toEqual(before);
      before = now;
    }
    expect(before).toContain('data-cable');
    expect(before).toContain('boot1');
  });

  it('speaks of the jumper or the button that the board has', () => {
    const after = (boot0: 'jumper' | 'button' | 'either'): readonly string[] =>
      ladderAfter(30_000, { boot0, platform: 'linux' });
    expect(after('jumper')).toEqual(['reset-longer', 'jumper-again']);
    expect(after('button')).toEqual(['reset-longer', 'button-again']);
    expect(after('either')).toEqual(['reset-longer', 'button-again', 'jumper-again']);
  });

  it('speaks of the driver on Windows only', () => {
    expect(ladderAfter(1e6, { boot0: 'jumper', platform: 'win32' })).toContain('driver');
    expect(ladderAfter(1e6, { boot0: 'jumper', platform: 'darwin' })).not.toContain('driver');
  });
});
