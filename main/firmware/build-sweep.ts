import { runScript } from './build-machine.ts';
import type { BuildMachine } from './build-machine.ts';
import { isAbandoned } from './build-owner.ts';

/** Clears away, once, what builds of dead stations have left on a machine. */
export class BuildSweep {
  readonly #machine: BuildMachine;
  #swept: Promise<void> | null = null;

  constructor(machine: BuildMachine) {
    this.#machine = machine;
  }

  /** Throws what the shell throws; the next call then tries again. */
  async once(signal: AbortSignal | undefined): Promise<void> {
    const machine = this.#machine;
    this.#swept ??= machine.exclusive('builds', signal, () => sweepBuildFolders(machine, signal));
    try {
      await this.#swept;
    } catch (error) {
      this.#swept = null;
      throw error;
    }
  }
}

/** Ends the processes of builds whose station died, and removes their folders. */
async function sweepBuildFolders(machine: BuildMachine, signal?: AbortSignal): Promise<void> {
  const failure = { code: 'file/unwritable', doing: 'clean up after ended builds' } as const;
  const builds = `${machine.root}/builds`;
  const list = await runScript(machine.shell, 'ls "$1" 2>/dev/null || :', [builds], { signal, failure });
  const abandoned: string[] = [];
  for (const name of list.stdout.split('\n')) {
    if (name !== '' && (await isAbandoned(name))) abandoned.push(`${builds}/${name}`);
  }
  if (abandoned.length > 0) await runScript(machine.shell, sweepScript, abandoned, { signal, failure });
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
