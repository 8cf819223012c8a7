import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../../app/pi/diff.ts';

describe('a unified difference', () => {
  it('begins with the names, whether the file is new, changed or removed', () => {
    expect(unifiedDiff('/etc/a', null, 'x\n')).toMatch(/^--- \/dev\/null\n\+\+\+ \/etc\/a\n@@/);
    expect(unifiedDiff('/etc/a', 'y\n', 'x\n')).toMatch(/^--- \/etc\/a\n\+\+\+ \/etc\/a\n@@/);
    expect(unifiedDiff('/etc/a', 'y\n', null)).toMatch(/^--- \/etc\/a\n\+\+\+ \/dev\/null\n@@/);
  });

  it('is empty where nothing differs', () => {
    expect(unifiedDiff('/etc/a', 'x\n', 'x\n')).toBe('');
  });
});
