import { CanopusError } from '../../app/errors.ts';
import type { ErrorCode } from '../../app/errors.ts';
import type { RunOptions, RunResult, Shell } from '../../app/transport/shell.ts';

/** A machine that can fetch sources and build: this computer, WSL on it, or a Pi. */
export interface BuildMachine {
  /** `local`, `wsl`, or `pi:USER@HOST`. */
  readonly id: string;
  readonly shell: Shell;
  /** A folder there that only this station uses, absolute: sources, scratch. It need not exist yet. */
  readonly root: string;
  /** Whether builds run at low priority: a Pi has a printer to run. */
  readonly nice: boolean;
  /** The path of one of this computer's folders on that machine; null if it cannot see it. */
  folderThere(path: string): string | null;
  /** Whether the printer of that machine is printing; null if unknown or if it has no printer. */
  isPrinting(signal: AbortSignal | undefined): Promise<boolean | null>;
  /** Runs `work` exclusively, per `name`, among all processes of this computer that use `root`. */
  exclusive<T>(name: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
}

export interface ScriptOptions extends Omit<RunOptions, 'timeoutMs'> {
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  /** Exit codes besides 0 that the caller handles: they are returned, not thrown. */
  readonly understood?: readonly number[];
  /** Error code, and what was attempted, for the message: `read /home/pi/klipper`. */
  readonly failure: { readonly code: ErrorCode; readonly doing: string };
}

const defaultTimeoutMs = 60_000;

/** A git hook, or the program that started this station, may have set these for its own repository. */
const preamble =
  'unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES ' +
  'GIT_COMMON_DIR GIT_PREFIX GIT_NAMESPACE GIT_CONFIG GIT_CONFIG_PARAMETERS GIT_CONFIG_COUNT GIT_SHALLOW_FILE\n';

/**
 * Runs a POSIX shell script there, with `args` as `$1`, `$2`, … Any exit code except 0 and the handled ones throws the
 * given error with the end of the script's standard error.
 */
export async function runScript(
  shell: Shell,
  script: string,
  args: readonly string[],
  options: ScriptOptions,
): Promise<RunResult> {
  const { failure, env, stdin, understood, ...run } = options;
  const result = await shell.run(
    {
      argv: ['sh', '-c', preamble + script, 'canopus', ...args],
      env: { LC_ALL: 'C', ...env },
      ...(stdin === undefined ? {} : { stdin }),
    },
    { timeoutMs: defaultTimeoutMs, ...run },
  );
  const good = result.exitCode === 0 || understood?.includes(result.exitCode) === true;
  if (good && !result.truncated) return result;
  throw scriptError(shell, result, failure);
}

/** The error of a command, with the last lines of its output. */
export function scriptError(
  shell: Shell,
  result: RunResult,
  failure: ScriptOptions['failure'],
  details: Record<string, string | number> = {},
): CanopusError {
  const said = result.stderr.trim().split('\n').slice(-6).join('\n');
  const how = result.truncated ? 'too much output' : `exit code ${result.exitCode}`;
  const message = `could not ${failure.doing} on ${shell.label} (${how})${said === '' ? '' : `\n${said}`}`;
  return new CanopusError(failure.code, message, {
    exitCode: result.exitCode,
    machine: shell.label,
    ...details,
  });
}
