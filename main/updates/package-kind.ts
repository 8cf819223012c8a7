import { existsSync } from 'node:fs';
import { join } from 'node:path';

interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `/` except in tests. */
  readonly root?: string;
}

/**
 * Which package runs here, as `linux-x64-AppImage`; null if it is one of none. The AppImage's runtime names its file in
 * APPIMAGE; dpkg has a list of each package's files.
 */
export function packageTarget({ platform, arch, env, root = '/' }: Surroundings): string | null {
  const kind = kindOf(platform, env, root);
  return kind === null ? null : `${platform}-${arch}-${kind}`;
}

function kindOf(platform: NodeJS.Platform, env: Surroundings['env'], root: string): string | null {
  if (platform === 'win32') return 'nsis';
  if (platform === 'darwin') return 'dmg';
  if (platform !== 'linux') return null;
  if (env['APPIMAGE'] !== undefined) return 'AppImage';
  if (existsSync(join(root, 'var/lib/dpkg/info/canopus.list'))) return 'deb';
  return existsSync(join(root, 'usr/bin/rpm')) ? 'rpm' : null;
}
