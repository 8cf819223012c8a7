import { causesOf, isNewlibTooNew, levelOfLine } from '../../app/build/compiler-line.ts';
import type { LogLevel } from '../../app/build/compiler-line.ts';
import type { Fragment } from '../../app/build/fragment.ts';
import { formatKconfig, parseKconfig } from '../../app/build/kconfig.ts';
import type { KconfigValues } from '../../app/build/kconfig.ts';
import { refuseBeforeBridge } from '../../app/build/missing-choice.ts';
import type { FirmwareTarget, Recipe } from '../../app/build/recipe.ts';
import { compareConfig, refuseDifferences } from '../../app/build/resolved-config.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { shellScript } from '../../app/transport/shell-script.ts';
import type { RunResult } from '../../app/transport/shell.ts';
import { runScript, scriptError } from './build-machine.ts';
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

const configureTimeoutMs = 2 * 60_000;
const maxConfigBytes = 1 << 20;
const maxImageBytes = 4 << 20;
const maxErrors = 20;
/** As many as fit in a message; the log has them all. */
const shownErrors = 5;
const images: Readonly<Record<FirmwareTarget, readonly string[]>> = {
  // Katapult was called CanBoot.
  katapult: ['katapult.bin', 'canboot.bin'],
  klipper: ['klipper.bin'],
};

/**
 * Resolves a fragment in a tree by `make olddefconfig` and checks the result. Returns the whole configuration. Throws
 * `build/configure-failed`, `build/unknown-mcu`, `build/not-offered`, `build/config-refused`, `build/timeout`,
 * `file/disk-full`.
 */
export async function configureFirmware(
  make: FirmwareMake,
  fragment: Fragment,
  recipe: Recipe,
): Promise<KconfigValues> {
  const { shell } = make.machine;
  const config = `${make.folder}/.config`;
  await shell.writeFile(config, new TextEncoder().encode(formatKconfig(fragment.asked)), {
    signal: make.signal,
  });
  const result = await runMake(make, 'olddefconfig', { jobs: 1, timeoutMs: configureTimeoutMs });
  if (result.exitCode !== 0) {
    await refuseFullDisk(make);
    refuseBeforeBridge(make.target, await knownSymbols(make).catch(() => new Set<string>()));
    const doing = `configure ${make.target} (make olddefconfig)`;
    throw scriptError(shell, result, { code: 'build/configure-failed', doing });
  }
  const text = await shell.readFile(config, { maxBytes: maxConfigBytes, signal: make.signal });
  const resolved = parseKconfig(new TextDecoder().decode(text));
  if (compareConfig(fragment, resolved).length > 0) {
    const known = await knownSymbols(make);
    refuseDifferences(fragment, compareConfig(fragment, resolved, known), recipe, known);
  }
  return resolved;
}

/**
 * Compiles the configured tree and returns the image. Throws `build/failed`, `build/failed-changed` (the tree has
 * changes that may be the cause) or `build/library-too-new`, with the errors of the log; `build/timeout`,
 * `build/no-image`, `file/disk-full`, `cancelled`.
 */
export async function compileFirmware(
  make: FirmwareMake,
  options: { jobs: number; timeoutMs: number },
): Promise<Uint8Array> {
  const errors: string[] = [];
  const onLine = (text: string, level: LogLevel) => {
    if (level === 'error' && errors.length < maxErrors) errors.push(text);
    make.onLine(text, level);
  };
  const result = await runMake({ ...make, onLine }, 'all', options);
  if (result.exitCode !== 0) {
    await refuseFullDisk(make);
    throw buildError(make, result.exitCode, errors);
  }
  return readImage(make);
}

function buildError(make: FirmwareMake, exitCode: number, errors: readonly string[]): CanopusError {
  const causes = causesOf(errors, shownErrors).map((line) => `\n${line}`);
  const where = `${make.target} ${make.version} on ${make.machine.shell.label}`;
  const message = `make could not build ${where} (exit code ${exitCode})${causes.join('')}`;
  const details = { target: make.target, version: make.version, exitCode, errors: [...errors] };
  if (make.target === 'klipper' && isNewlibTooNew(errors))
    return new CanopusError('build/library-too-new', message, details);
  return new CanopusError(make.dirty ? 'build/failed-changed' : 'build/failed', message, details);
}

async function runMake(
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

async function readImage(make: FirmwareMake): Promise<Uint8Array> {
  const names = images[make.target];
  for (const name of names) {
    try {
      const path = `${make.folder}/out/${name}`;
      return await make.machine.shell.readFile(path, { maxBytes: maxImageBytes, signal: make.signal });
    } catch (error) {
      if (!isCanopusError(error, 'file/missing')) throw error;
    }
  }
  const message = `make succeeded but produced no ${names.join(' or ')}`;
  throw new CanopusError('build/no-image', message, { target: make.target });
}

/** Builds that fail on a full disk report it in many ways; the disk itself in one. */
async function refuseFullDisk(make: FirmwareMake): Promise<void> {
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

/** All symbols that the tree's Kconfig files define. */
async function knownSymbols(make: FirmwareMake): Promise<ReadonlySet<string>> {
  const script =
    'cd -- "$1" && find src -name "Kconfig*" -exec grep -hE "^[[:space:]]*(menu)?config[[:space:]]" {} +';
  const { stdout } = await runScript(make.machine.shell, script, [make.tree], {
    signal: make.signal,
    failure: { code: 'build/configure-failed', doing: `read the Kconfig files of ${make.target}` },
  });
  return new Set([...stdout.matchAll(/^\s*(?:menu)?config\s+(\w+)/gm)].map((match) => match[1] ?? ''));
}
