import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../../app/pi/diff.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a unified difference', () => {
  it('begins with the names, whether the file is new, changed or removed', () => {
    expect(unifiedDiff('/etc/a', null, bytes('x\n'))).toMatch(/^--- \/dev\/null\n\+\+\+ \/etc\/a\n@@/);
    expect(unifiedDiff('/etc/a', bytes('y\n'), bytes('x\n'))).toMatch(/^--- \/etc\/a\n\+\+\+ \/etc\/a\n@@/);
    expect(unifiedDiff('/etc/a', bytes('y\n'), null)).toMatch(/^--- \/etc\/a\n\+\+\+ \/dev\/null\n@@/);
  });

  it('is empty where nothing differs', () => {
    expect(unifiedDiff('/etc/a', bytes('x\n'), bytes('x\n'))).toBe('');
  });
});
