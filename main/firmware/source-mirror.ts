import { requireToolchain } from '../../app/build/toolchain.ts';
import { CanopusError } from '../../app/errors.ts';
import { sha256Hex } from '../../app/sha256.ts';
import { runScript } from './build-machine.ts';
import type { BuildMachine, ScriptOptions } from './build-machine.ts';
import { gitEnvironment } from './git-environment.ts';
import { importScript } from './source-scripts.ts';
import type { SourceSnapshot } from './source-snapshot.ts';
import { probeToolchain } from './toolchain-probe.ts';

export const fetchTimeoutMs = 15 * 60_000;

/** Our folder on a machine for a location: a mirror and its work trees. */
export async function storeOf(machine: BuildMachine, location: string): Promise<string> {
  return `${machine.root}/sources/${(await sha256Hex(location)).slice(0, 16)}`;
}

/** Every write to one store holds this lock. */
export function lockName(store: string): string {
  return `source-${store.slice(store.lastIndexOf('/') + 1)}`;
}

/** POSIX 2.8.2, "Exit Status for Commands": the command was not found. */
const notFound = 127;

/**
 * Runs git work on a machine and returns what it printed. *Throws* `source/git-failed`, `toolchain/missing` where there is
 * no git, and what the shell throws.
 */
export async function runGit(
  machine: BuildMachine,
  script: string,
  args: readonly string[],
  work: {
    /** What is attempted, for the message: `read /home/pi/klipper`. */
    readonly doing: string;
    readonly signal?: AbortSignal | undefined;
    readonly timeoutMs?: number;
    readonly understood?: readonly number[];
  },
): Promise<string> {
  const { doing, signal, timeoutMs = 120_000, understood = [] } = work;
  const failure: ScriptOptions['failure'] = { code: 'source/git-failed', doing };
  const options = { env: gitEnvironment, signal, timeoutMs, failure, understood };
  try {
    return (await runScript(machine.shell, script, args, options)).stdout;
  } catch (error) {
    const isMissing = error instanceof CanopusError && error.details['exitCode'] === notFound;
    // Says which other tools are missing, too.
    if (isMissing) requireToolchain(await probeToolchain(machine.shell, signal), machine.shell.label);
    throw error;
  }
}

/** Copies a commit of a folder into the folder's mirror. The caller holds the store's lock. */
export async function importCommit(
  machine: BuildMachine,
  { store, path, commit }: { store: string; path: string; commit: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  const doing = `copy ${path}`;
  await runGit(machine, importScript, [store, path, commit], { doing, signal, timeoutMs: fetchTimeoutMs });
}

/** Makes sure that all of a snapshot is in our own mirror: a clean folder was only read so far. */
export async function ensureObjects(
  machine: BuildMachine,
  { origin, store, location, commit, dirty }: SourceSnapshot,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (origin !== 'folder' || commit === null || dirty) return;
  await machine.exclusive(lockName(store), signal, () =>
    importCommit(machine, { store, path: location, commit }, signal),
  );
}
