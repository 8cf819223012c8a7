import { CanopusError } from '../../app/errors.ts';
import type { BuildMachine } from './build-machine.ts';
import { LocalShell } from '../shell/local-shell.ts';
import type { LockFolder } from '../files/lock-folder.ts';

const exclusiveTimeoutMs = 20 * 60_000;

/**
 * Builds on this computer, which must run Linux or macOS; `env` is added to its environment. Throws `build/no-builder`
 * on Windows.
 */
export function localMachine(
  root: string,
  locks: LockFolder,
  env: Readonly<Record<string, string>> = {},
): BuildMachine {
  if (process.platform === 'win32') {
    throw new CanopusError(
      'build/no-builder',
      'Windows itself has no make and no shell that the firmware builds with.',
    );
  }
  return {
    id: 'local',
    shell: new LocalShell({ env }),
    root,
    nice: false,
    folderThere: (path) => path,
    isPrinting: () => Promise.resolve(null),
    exclusive: (name, signal, work) =>
      locks.hold(`local-${name}`, { signal, timeoutMs: exclusiveTimeoutMs }, work),
  };
}
