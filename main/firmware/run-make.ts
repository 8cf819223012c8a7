import { levelOfLine } from '../../app/build/compiler-line.ts';
import type { LogLevel } from '../../app/build/compiler-line.ts';
import type { FirmwareTarget } from '../../app/build/recipe.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { shellScript } from '../../app/transport/shell-script.ts';
import type { RunResult } from '../../app/transport/shell.ts';
import { runScript } from './build-machine.ts';
import type { BuildMachine } from './build-machine.ts';
import { abbreviationOf } from './git-environment.ts';
import makeText from './scripts/make.sh?raw';

/** One build on one machine. Paths are on that machine. */
export interface FirmwareMake {
  readonly machine: BuildMachine;
  readonly target: FirmwareTarget;
  /** The work tree, read only. */
  readonly tree: string;
  /** The tree's version, so that the image states the same. */
  readonly version: string;
  /** Whether its content differs from its commit. */
  readonly dirty: boolean;
  /** The build's own folder. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  readonly onLine: (text: string, level: LogLevel) => void;
}

/** Runs make for a goal; a failure is an exit code. Throws `build/timeout`, and what the shell throws. */
export async function runMake(
  make: FirmwareMake,
  goal: 'olddefconfig' | 'all',
  options: { jobs: number; timeoutMs: number },
): Promise<RunResult> {
  const { machine, folder, tree, version, signal } = make;
  const nice = machine.nice ? 'nice' : '';
  const digits = String(abbreviationOf(version) ?? 7);
  const argv = [
    'sh',
    '-c',
    shellScript(makeText),
    'canopus',
    folder,
    tree,
    String(options.jobs),
    nice,
    digits,
    goal,
  ] as const;
  try {
    return await machine.shell.run(
      { argv, env: { LC_ALL: 'C' } },
      {
        timeoutMs: options.timeoutMs,
        signal,
        captureBytes: 64 << 10,
        onLine: ({ text }) => make.onLine(text, levelOfLine(text)),
      },
    );
  } catch (error) {
    if (!isCanopusError(error, 'shell/timeout')) throw error;
    const minutes = options.timeoutMs / 60_000;
    const message = `make ${goal} of ${make.target} on ${machine.shell.label} took longer than ${minutes} minutes`;
    throw new CanopusError('build/timeout', message, { target: make.target, minutes }, { cause: error });
  }
}

/** Builds that fail on a full disk report it in many ways; the disk itself in one. */
export async function refuseFullDisk(make: FirmwareMake): Promise<void> {
  const { shell } = make.machine;
  const { stdout } = await runScript(shell, 'df -Pk "$1" | tail -n 1', [make.folder], {
    failure: { code: 'build/failed', doing: `look at the disk of ${make.folder}` },
  });
  // POSIX.1-2024, df -P: name, blocks, used, available, capacity, mount point.
  const [available] = /\s(\d+)\s+\d+%\s+\//.exec(stdout)?.slice(1) ?? [];
  const kibibytes = Number(available ?? Number.NaN);
  if (!(kibibytes < fullDiskKiB)) return;
  const message = `the disk of ${make.folder} on ${shell.label} is full: ${kibibytes} KiB are left`;
  throw new CanopusError('file/disk-full', message, { path: make.folder, kibibytes });
}

/** A failed compiler removes its half-written output, so some space is free again when the disk is checked. */
const fullDiskKiB = 2_048;
