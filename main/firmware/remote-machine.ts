import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Shell } from '../../app/transport/shell.ts';
import { runScript } from './build-machine.ts';
import type { BuildMachine } from './build-machine.ts';
import type { LockFolder } from '../files/lock-folder.ts';

const exclusiveTimeoutMs = 20 * 60_000;

/**
 * The folder of this station in the user's cache folder on another machine (XDG Base Directory Specification). Its name
 * contains this computer and this cache, so that no two stations ever write into the same one.
 */
export async function remoteRoot(shell: Shell, cacheFolder: string, signal?: AbortSignal): Promise<string> {
  const { stdout } = await runScript(shell, 'printf %s "${XDG_CACHE_HOME:-$HOME/.cache}"', [], {
    signal,
    failure: { code: 'build/no-builder', doing: 'find the cache folder' },
  });
  const host = hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 24);
  const which = createHash('sha256').update(`${hostname()}\0${cacheFolder}`).digest('hex').slice(0, 8);
  return `${stdout}/canopus/${host}-${which}`;
}

/**
 * Asks Moonraker on that machine whether it is printing (Moonraker's documentation, "Query printer object status":
 * `print_stats.state`). Exit code 43: no usable reply, or no Moonraker.
 */
const printingScript = `
python3 - <<'END' || exit 43
import json, urllib.request
url = "http://127.0.0.1:7125/printer/objects/query?print_stats"
with urllib.request.urlopen(url, timeout=3) as answer:
    print(json.load(answer)["result"]["status"]["print_stats"]["state"])
END
`;

export async function askMoonraker(shell: Shell, signal: AbortSignal | undefined): Promise<boolean | null> {
  const { exitCode, stdout } = await runScript(shell, printingScript, [], {
    signal,
    understood: [43],
    failure: { code: 'build/no-builder', doing: 'ask whether it prints' },
  });
  if (exitCode !== 0) return null;
  // A paused print resumes later; a build must not delay it either.
  return ['printing', 'paused'].includes(stdout.trim());
}

/** A machine behind a shell that is not this computer's. */
export function remoteMachine(options: {
  readonly id: string;
  readonly shell: Shell;
  readonly root: string;
  readonly locks: LockFolder;
  readonly nice: boolean;
  readonly folderThere: (path: string) => string | null;
  readonly isPrinting: (signal: AbortSignal | undefined) => Promise<boolean | null>;
}): BuildMachine {
  const { locks, ...machine } = options;
  const prefix = options.id.replace(/[^A-Za-z0-9.@-]/g, '_');
  return {
    ...machine,
    exclusive: (name, signal, work) =>
      locks.hold(`${prefix}-${name}`, { signal, timeoutMs: exclusiveTimeoutMs }, work),
  };
}
