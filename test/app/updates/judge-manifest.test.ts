import { describe, expect, it } from 'vitest';
import { judgeManifest, type UpdateSituation } from '../../../app/updates/judge-manifest.ts';
import type { UpdateManifest } from '../../../app/updates/manifest.ts';

const target = 'linux-x64-AppImage';
const file = { target, name: 'canopus-0.3.0.AppImage', size: 7, sha512: 'a'.repeat(128) };
const manifest: UpdateManifest = {
  product: 'canopus',
  version: '0.3.0',
  issuedAt: '2026-11-01T00:00:00Z',
  expiresAt: '2027-01-01T00:00:00Z',
  packages: [file],
};
const situation: UpdateSituation = {
  ...{ current: '0.2.0', target, seen: null },
  nowMs: Date.parse('2026-11-30T00:00:00Z'),
};

describe('a genuine list of versions', () => {
  it('has a newer version, with the package for this computer', () => {
    expect(judgeManifest(manifest, situation)).toEqual({ version: '0.3.0', file });
  });

  it.each(['0.3.0', '0.3.1', '1.0.0'])('has nothing newer for version %s', (current) => {
    expect(judgeManifest(manifest, { ...situation, current })).toBeNull();
  });

  it('that has expired is refused, so that no server keeps people at an old version', () => {
    const nowMs = Date.parse(manifest.expiresAt);
    expect(() => judgeManifest(manifest, { ...situation, nowMs })).toThrow(
      expect.objectContaining({ code: 'update/stale' }),
    );
  });

  it('is refused once a newer list was seen, even if it would still be an update', () => {
    const seen = { version: '0.4.0', issuedAt: '2026-11-20T00:00:00Z' };
    expect(() => judgeManifest(manifest, { ...situation, seen })).toThrow(
      expect.objectContaining({ code: 'update/stale' }),
    );
  });

  it('is refused if it is newer and names an older version than before', () => {
    const seen = { version: '0.4.0', issuedAt: '2026-10-01T00:00:00Z' };
    expect(() => judgeManifest(manifest, { ...situation, seen })).toThrow(
      expect.objectContaining({ code: 'update/stale' }),
    );
  });

  it('that was seen before is accepted again', () => {
    const seen = { version: manifest.version, issuedAt: manifest.issuedAt };
    expect(judgeManifest(manifest, { ...situation, seen })?.version).toBe('0.3.0');
  });

  it('without a package for this computer says so', () => {
    expect(() => judgeManifest(manifest, { ...situation, target: 'darwin-arm64-dmg' })).toThrow(
      expect.objectContaining({ code: 'update/not-for-this' }),
    );
  });
});
