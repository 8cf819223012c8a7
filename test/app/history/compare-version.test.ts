import { describe, expect, it } from 'vitest';
import { compareVersions } from '../../../app/history/compare-version.ts';

const commit = '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567';
const on = { version: 'v0.13.0-123-g0a1b2c3d', commit };

describe('compareVersions', () => {
  it.each([
    ['v0.13.0-123-g0a1b2c3d', 'same'],
    ['v0.13.0-123-g0a1b2c3d4e', 'same'],
    ['v0.13-123-g0a1b2c3d', 'same'],
    ['v0.13.0-124-gffffffff', 'older'],
    ['v0.13.1', 'older'],
    ['v0.14.0-2-gffffffff', 'older'],
    ['v0.13.0', 'newer'],
    ['v0.9.9-900-gffffffff', 'newer'],
    ['v0.13.0-123-gffffffff', 'different'],
    ['v0.13.0-123-g0a1b2c3d-dirty', 'different'],
    [commit, 'same'],
    [commit.slice(0, 7), 'same'],
    ['fedcba9', 'different'],
    ['master', 'different'],
    ['', 'unknown'],
  ])('with %s: %s', (wanted, standing) => {
    expect(compareVersions(on, wanted)).toBe(standing);
  });

  it('takes the hash in a version where no commit is known', () => {
    expect(compareVersions({ ...on, commit: null }, '0a1b2c3d')).toBe('same');
    expect(compareVersions({ version: 'v0.13.0', commit: null }, '0a1b2c3d')).toBe('unknown');
  });

  it('never takes what was built from a changed tree for the same', () => {
    const changed = { version: 'v0.13.0-123-g0a1b2c3d-dirty-20260504', commit };
    for (const wanted of ['v0.13.0-123-g0a1b2c3d', commit, 'v0.13.0-123-g0a1b2c3d-dirty-20260504']) {
      expect(compareVersions(changed, wanted)).toBe('different');
    }
  });

  it('is unknown for an image without a version', () => {
    expect(compareVersions({ version: null, commit: null }, 'v0.13.0')).toBe('unknown');
  });
});
