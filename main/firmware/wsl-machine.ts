import { CanopusError } from '../../app/errors.ts';
import type { BuildMachine } from './build-machine.ts';
import type { LockFolder } from '../files/lock-folder.ts';
import { remoteMachine, remoteRoot } from './remote-machine.ts';
import { toWslPath } from '../shell/wsl-path.ts';
import { WslShell } from '../shell/wsl-shell.ts';

/** Builds in a WSL distribution of this Windows computer: `wsl` for the default one, `wsl:NAME`. */
export async function openWsl(
  name: string,
  options: { cacheFolder: string; locks: LockFolder; signal: AbortSignal | undefined },
): Promise<BuildMachine> {
  if (process.platform !== 'win32') {
    throw new CanopusError('build/no-builder', 'Only Windows has WSL.');
  }
  const distribution = name.startsWith('wsl:') ? name.slice(4) : null;
  const shell = new WslShell({ distribution, scriptFolder: options.cacheFolder });
  const root = await remoteRoot(shell, options.cacheFolder, options.signal);
  return remoteMachine({
    id: name,
    shell,
    root,
    locks: options.locks,
    nice: false,
    folderThere: (path) => toWslPath(path, distribution),
    isPrinting: () => Promise.resolve(null),
  });
}
