import { CanopusError } from '../errors.ts';
import type { UpdateManifest, UpdatePackage } from './manifest.ts';
import { compareVersions } from './version.ts';

/** The newest manifest that was accepted before; it is kept, so that no older one is accepted after it. */
export interface SeenManifest {
  readonly version: string;
  readonly issuedAt: string;
}

export interface UpdateSituation {
  /** The version that runs. */
  readonly current: string;
  readonly seen: SeenManifest | null;
  readonly nowMs: number;
  /** Which package this one is, as `linux-x64-AppImage`. */
  readonly target: string;
}

/** A release that is newer than what runs. */
export interface NewerVersion {
  readonly version: string;
  readonly file: UpdatePackage;
}

/**
 * The newer version in a genuine manifest; null if there is none. Throws `update/stale` if it has expired or is older
 * than one that was accepted before, or `update/not-for-this`.
 */
export function judgeManifest(manifest: UpdateManifest, situation: UpdateSituation): NewerVersion | null {
  const { current, seen, nowMs, target } = situation;
  const { version, issuedAt, expiresAt } = manifest;
  if (Date.parse(expiresAt) <= nowMs) {
    throw new CanopusError('update/stale', `The list of versions was valid until ${expiresAt}.`);
  }
  if (seen !== null) {
    const isOlder =
      Date.parse(issuedAt) < Date.parse(seen.issuedAt) || compareVersions(version, seen.version) < 0;
    if (isOlder) {
      const message = `The server offers ${version} of ${issuedAt}; it had ${seen.version} of ${seen.issuedAt}.`;
      throw new CanopusError('update/stale', message);
    }
  }
  if (compareVersions(version, current) <= 0) return null;
  const file = manifest.packages.find((one) => one.target === target);
  if (file === undefined) {
    throw new CanopusError('update/not-for-this', `Version ${version} has no package for ${target}.`);
  }
  return { version, file };
}
