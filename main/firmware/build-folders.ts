import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { CanopusError } from '../../app/errors.ts';
import { runScript } from './build-machine.ts';
import type { BuildMachine } from './build-machine.ts';
import { isThere, ownIdentity, processStart } from '../files/process-identity.ts';

/**
 * The folder of one build on its machine: `.config`, `out/`, `home/` and `tmp/` for anything that the tools leave, and
 * `group`, the process group of the build. Its name holds the process and computer that own it, so that the folder of a
 * dead owner is recognised, however early it died.
 */
interface BuildFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a folder for one build. Throws what the shell throws and `build/bad-folder`. */
export async function makeBuildFolder(machine: BuildMachine, signal?: AbortSignal): Promise<BuildFolder> {
  // GNU make splits its words at spaces, and the shells that Makefiles start interpret the rest.
  if (!/^\/[\w@%+=:,./-]*$/.test(machine.root)) {
    const message = `make cannot work in "${machine.root}": its path may contain only letters, digits and simple characters`;
    throw new CanopusError('build/bad-folder', message, { path: machine.root });
  }
  const name = `${await ownerName()}-${randomBytes(4).toString('hex')}`;
  const path = `${machine.root}/builds/${name}`;
  inUse.add(name);
  await runScript(machine.shell, 'mkdir -p "$1/home" "$1/tmp"', [path], {
    signal,
    failure: { code: 'file/unwritable', doing: `make ${path}` },
  });
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      // From here on a sweep may take it: if the connection is lost, nothing else can.
      inUse.delete(name);
      await machine.shell.remove(path).catch(() => undefined);
    },
  };
}

/** Names of folders that builds of this process work in. */
const inUse = new Set<string>();

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);

async function ownerName(): Promise<string> {
  const { host, pid, startedAt } = await ownIdentity();
  return `${digest(host)}-${pid}-${digest(startedAt ?? '')}`;
}

/** True if the process that a folder is named after is known to be gone, or has given the folder up. */
async function isAbandoned(name: string): Promise<boolean> {
  const [, host, pid, started] = /^([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-[0-9a-f]{8}$/.exec(name) ?? [];
  if (host !== digest(hostname())) return false;
  if (name.startsWith(await ownerName())) return !inUse.has(name);
  const start = await processStart(Number(pid));
  if (process.platform === 'win32') return !isThere(Number(pid));
  return start === null || digest(start) !== started;
}

/** Ends the processes of builds whose station died, and removes their folders. Returns how many there were. */
export async function sweepBuildFolders(machine: BuildMachine, signal?: AbortSignal): Promise<number> {
  const failure = { code: 'file/unwritable', doing: 'clean up after ended builds' } as const;
  const builds = `${machine.root}/builds`;
  const list = await runScript(machine.shell, 'ls "$1" 2>/dev/null || :', [builds], { signal, failure });
  const abandoned: string[] = [];
  for (const name of list.stdout.split('\n')) {
    if (name !== '' && (await isAbandoned(name))) abandoned.push(`${builds}/${name}`);
  }
  if (abandoned.length > 0) await runScript(machine.shell, sweepScript, abandoned, { signal, failure });
  return abandoned.length;
}

/** The group is ended only if its first process is the recorded one, not a later one with its number. */
const sweepScript = `
for build in "$@"; do
  if { read -r group && read -r started; } 2>/dev/null < "$build/group"; then
    for signal in TERM TERM KILL; do
      [ "$(ps -o lstart= -p "$group" 2>/dev/null)" = "$started" ] || break
      kill -s $signal -- "-$group" 2>/dev/null || break
      sleep 1
    done
  fi
  rm -rf "$build"
done
`;
