import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CanopusError } from '../../app/errors.ts';
import { hostPlatform } from '../devices/native-errors.ts';
import type { CardDrives, Drive, RunProgram } from './card-drives.ts';
import { listLinuxDrives } from './linux-drives.ts';
import { listMacDrives } from './mac-drives.ts';
import { driveScript, parseWindowsDrives } from './windows-drives.ts';

/** PowerShell starts within 2 s on a slow computer; a card reader may spin up first. */
const patienceMs = 20_000;

const run = promisify(execFile);

const runHere: RunProgram = async (file, args, signal) => {
  const { stdout } = await run(file, args, {
    ...{ timeout: patienceMs, windowsHide: true, maxBuffer: 4 << 20 },
    ...(signal === undefined ? {} : { signal }),
  });
  return stdout;
};

interface HostDrivesOptions {
  readonly platform?: typeof hostPlatform;
  /** `/` except in tests. */
  readonly root?: string;
  readonly run?: RunProgram;
}

/** The drives of the computer that this process runs on. */
export function hostDrives({
  platform = hostPlatform,
  root = '/',
  run: runProgram = runHere,
}: HostDrivesOptions = {}): CardDrives {
  const listers = {
    linux: () => listLinuxDrives(root),
    darwin: (signal?: AbortSignal) => listMacDrives(runProgram, signal),
    win32: async (signal?: AbortSignal) =>
      parseWindowsDrives(await runProgram(powerShell(), [...quietly, driveScript], signal)),
  };
  return {
    list: async (signal) => {
      try {
        return await listers[platform](signal);
      } catch (cause) {
        signal?.throwIfAborted();
        if (cause instanceof CanopusError) throw cause;
        throw new CanopusError('card/unlisted', 'The list of drives could not be read.', {}, { cause });
      }
    },
    eject: async (drive, signal) => {
      const command = ejectCommand(platform, drive);
      if (command !== null) await runProgram(command.file, command.args, signal);
    },
  };
}

const quietly = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command'];

function powerShell(): string {
  const windows = process.env['SystemRoot'] ?? 'C:\\Windows';
  return join(windows, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
}

/** Windows' own way ("Safely remove") has no program that ends when it is done: a person does it there. */
function ejectCommand(
  platform: typeof hostPlatform,
  { device }: Drive,
): { readonly file: string; readonly args: readonly string[] } | null {
  if (platform === 'linux')
    return { file: 'udisksctl', args: ['unmount', '--no-user-interaction', '-b', device] };
  return platform === 'darwin' ? { file: '/usr/sbin/diskutil', args: ['eject', device] } : null;
}
