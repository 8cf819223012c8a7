import { describe, expect, it } from 'vitest';
import { compareVersions, versionPattern } from '../../../app/updates/version.ts';

describe('versions of Canopus', () => {
  it('are ordered as Semantic Versioning orders its own examples', () => {
    const ordered = [
      ...['0.9.9', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2'],
      ...['1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.1', '1.1.0', '1.10.0', '2.0.0'],
    ];
    for (const [index, version] of ordered.entries()) {
      for (const [other, second] of ordered.entries()) {
        expect(Math.sign(compareVersions(version, second))).toBe(Math.sign(index - other));
      }
    }
  });

  it.each(['1.2', 'v1.2.3', '1.2.3.4', '01.2.3', '1.2.3-', '1.2.3+build', '', '9999999999.0.0'])(
    'are not "%s"',
    (text) => {
      expect(versionPattern.test(text)).toBe(false);
      expect(() => compareVersions(text, '1.0.0')).toThrow(TypeError);
    },
  );
});
