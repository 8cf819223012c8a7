import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from 'electron';
import { JsonStore } from '../../files/json-store.ts';
import { packageTarget } from '../../updates/package-kind.ts';
import { SignedUpdates, seenFormat } from '../../updates/signed-updates.ts';
import { packageStarter } from '../../updates/start-package.ts';
import { updateSourceOf } from '../../updates/update-source.ts';
import { canopusVersion } from '../../version.ts';
import type { DesktopApi } from './electron-api.ts';

/** What a package's package.json says about newer versions; null if nothing, or if this is not a package of one kind. */
export function updatesOf(packageJson: string): DesktopApi['openUpdates'] {
  const source = updateSourceOf(JSON.parse(readFileSync(packageJson, 'utf8')));
  const { platform, arch, env } = process;
  const target = packageTarget({ platform, arch, env });
  if (source === null || target === null) return null;
  return async (folders, report) => {
    const seen = await JsonStore.open({
      path: join(folders.data, 'updates.json'),
      format: seenFormat,
      report,
    });
    const updates = new SignedUpdates({
      ...{ source, target, seen, current: canopusVersion },
      ...{ folder: join(folders.cache, 'updates'), now: () => Date.now() },
    });
    return {
      find: (signal) => updates.find(signal),
      download: (newer, options) => updates.download(newer, options),
      requireUnchanged: (path, newer) => updates.requireUnchanged(path, newer),
      starter: packageStarter({ target, env, openPath: (path) => shell.openPath(path) }),
    };
  };
}
