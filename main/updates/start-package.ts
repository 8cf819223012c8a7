import { spawn } from 'node:child_process';
import { chmod, copyFile, rename, rm } from 'node:fs/promises';
import { CanopusError } from '../../app/errors.ts';
import { toFileError } from '../files/file-errors.ts';

/**
 * What putting a package in place takes: `restart`: it is done once the program has ended, and starts it again; `open`:
 * the system's own installer shows it to the person, who may go on working.
 */
export type PackageStart = 'restart' | 'open';

export interface PackageStarter {
  readonly way: PackageStart;
  /** Call it when nothing is left to do. Throws `file/…` or `update/not-for-this`. */
  readonly start: (path: string) => Promise<void>;
}

interface StarterOptions {
  /** As `linux-x64-AppImage`. */
  readonly target: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opens a file with the program that the system has for it; returns an error's text, or an empty one. */
  readonly openPath: (path: string) => Promise<string>;
  /** Starts a program that outlives this one. */
  readonly launch?: (program: string, args: readonly string[]) => Promise<void>;
}

export function packageStarter({
  target,
  env,
  openPath,
  launch = launchDetached,
}: StarterOptions): PackageStarter {
  const appImage = env['APPIMAGE'];
  if (target.endsWith('-AppImage') && appImage !== undefined) {
    return {
      way: 'restart',
      start: async (path) => {
        await replaceFile(path, appImage);
        await launch(appImage, []);
      },
    };
  }
  // electron-builder's installer then asks nothing that it knows from the last time, and starts the program again.
  if (target.endsWith('-nsis'))
    return { way: 'restart', start: (path) => launch(path, ['--updated', '--force-run']) };
  return {
    way: 'open',
    start: async (path) => {
      const problem = await openPath(path);
      if (problem !== '')
        throw new CanopusError('update/not-for-this', `${path} cannot be opened: ${problem}`, { path });
    },
  };
}

/** The old or the new file is there at any time, whatever happens. */
async function replaceFile(from: string, to: string): Promise<void> {
  const beside = `${to}.new`;
  try {
    await copyFile(from, beside);
    await chmod(beside, 0o755);
    await rename(beside, to);
  } catch (error) {
    await rm(beside, { force: true });
    throw toFileError(error, to, 'write');
  }
}

function launchDetached(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { detached: true, stdio: 'ignore' });
    child.once('error', (error) => reject(toFileError(error, program, 'read')));
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}
