import { describe, expect, it } from 'vitest';
import { dfuHintsAfter } from '../../../app/flow/dfu-hints.ts';

describe('the hints for a board that does not show up in DFU', () => {
  it('is empty at first and grows while nothing happens', () => {
    const facts = { boot0: 'jumper', platform: 'linux' } as const;
    expect(dfuHintsAfter(0, facts)).toEqual([]);
    let before: readonly string[] = [];
    for (let s = 0; s <= 200; s++) {
      const now = dfuHintsAfter(s * 1000, facts);
      expect(now.slice(0, before.length)).toEqual(before);
      before = now;
    }
    expect(before).toContain('data-cable');
    expect(before).toContain('boot1');
  });

  it('speaks of the jumper or the button that the board has', () => {
    const after = (boot0: 'jumper' | 'button' | 'either'): readonly string[] =>
      dfuHintsAfter(30_000, { boot0, platform: 'linux' });
    expect(after('jumper')).toEqual(['reset-longer', 'jumper-again']);
    expect(after('button')).toEqual(['reset-longer', 'button-again']);
    expect(after('either')).toEqual(['reset-longer', 'button-again', 'jumper-again']);
  });

  it('speaks of the driver on Windows only', () => {
    expect(dfuHintsAfter(1e6, { boot0: 'jumper', platform: 'win32' })).toContain('driver');
    const isBootsel = true;
    expect(dfuHintsAfter(1e6, { boot0: 'button', isBootsel, platform: 'win32' })).toEqual([
      'data-cable',
      'power-supply',
    ]);
    expect(dfuHintsAfter(1e6, { boot0: 'jumper', platform: 'darwin' })).not.toContain('driver');
  });
});
