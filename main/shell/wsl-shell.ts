import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { killGraceMs } from '../../app/transport/shell.ts';
import type { RunOptions, RunResult, Shell, ShellCommand } from '../../app/transport/shell.ts';
import { shellWord, endGroupScript } from './remote-script.ts';
import {
  makeFolderScript,
  readFileScript,
  removeScript,
  toRemoteFileError,
  writeFileScript,
} from './remote-files.ts';
import { LocalShell } from './local-shell.ts';
import { RunningCommands } from './running-commands.ts';
import { toWslPath } from './wsl-path.ts';

interface WslShellOptions {
  /** Null for the default one. */
  readonly distribution: string | null;
  /** A Windows folder that WSL sees, for scripts. */
  readonly scriptFolder: string;
  /** The program that starts commands in WSL and its arguments; replaced in tests. */
  readonly wsl?: readonly [string, ...string[]];
  /** The path of a Windows path in WSL. */
  readonly pathThere?: (path: string) => string | null;
}

const fileTimeoutMs = 120_000;

/**
 * Commands and files of a WSL distribution, through `wsl.exe --exec`. Commands are put into a script file, because no
 * way of passing a word with quotes or line ends through a Windows command line and wsl.exe works in all versions.
 * Ending wsl.exe does not end what it started: the script records its process group, and a second command ends that.
 */
export class WslShell implements Shell {
  readonly label: string;
  readonly #host = new LocalShell({ label: 'WSL' });
  readonly #options: WslShellOptions;
  readonly #program: readonly [string, ...string[]];
  readonly #commands: RunningCommands;

  constructor(options: WslShellOptions) {
    this.#options = options;
    this.label = options.distribution === null ? 'WSL' : `WSL ${options.distribution}`;
    this.#commands = new RunningCommands(this.label);
    const distribution = options.distribution === null ? [] : ['--distribution', options.distribution];
    this.#program = options.wsl ?? ['wsl.exe', ...distribution, '--exec'];
  }

  async run(command: ShellCommand, options: RunOptions): Promise<RunResult> {
    this.#commands.check(options.signal);
    const nonce = randomBytes(8).toString('hex');
    const script = await this.#putScript(nonce, groupScript(command, nonce));
    const abort = new AbortController();
    const end = (): Promise<void> => this.#endGroup(nonce).finally(() => abort.abort());
    const [program, ...args] = this.#program;
    const { stdin } = command;
    const argv = [program, ...args, 'sh', script.there] as const;
    try {
      return await this.#commands.follow(command.argv[0], options, end, (stop) =>
        this.#host
          .run(
            { argv, ...(stdin === undefined ? {} : { stdin }) },
            // `follow` keeps the time; this only ends a wsl.exe that hangs.
            { ...options, timeoutMs: options.timeoutMs + 4 * killGraceMs, signal: abort.signal },
          )
          .catch((error: unknown) => {
            // Only wsl.exe was ended; what it started keeps printing.
            if (isCanopusError(error, 'shell/output-too-long')) stop(error);
            throw error;
          }),
      );
    } finally {
      await rm(script.here, { force: true });
    }
  }

  async readFile(
    path: string,
    options: { maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<Uint8Array> {
    // Output is text here, so the file comes in base64.
    const result = await this.#script(
      `(${readFileScript}\n) > "$3" && base64 < "$3"; r=$?; rm -f "$3"; exit $r`,
      [path, String(options.maxBytes), `/tmp/canopus-${randomBytes(8).toString('hex')}`],
      { signal: options.signal, captureBytes: options.maxBytes * 2 + 1024 },
    );
    this.#throwFileError(result.exitCode, path, 'read');
    return new Uint8Array(Buffer.from(result.stdout, 'base64'));
  }

  async writeFile(
    path: string,
    bytes: Uint8Array,
    options: { mode?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const mode = (options.mode ?? 0o644).toString(8);
    const temporary = `${path}.${randomBytes(6).toString('hex')}.canopus-tmp`;
    const args = [path, mode, String(bytes.length), temporary];
    const { exitCode } = await this.#script(writeFileScript, args, { signal: options.signal, stdin: bytes });
    this.#throwFileError(exitCode, path, 'write');
  }

  async makeFolder(path: string, signal?: AbortSignal): Promise<void> {
    this.#throwFileError((await this.#script(makeFolderScript, [path], { signal })).exitCode, path, 'write');
  }

  async remove(path: string, signal?: AbortSignal): Promise<void> {
    this.#throwFileError((await this.#script(removeScript, [path], { signal })).exitCode, path, 'write');
  }

  async close(): Promise<void> {
    await this.#commands.close();
    await this.#host.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #script(
    script: string,
    args: readonly string[],
    options: { signal?: AbortSignal | undefined; stdin?: Uint8Array; captureBytes?: number },
  ): Promise<RunResult> {
    const { stdin, ...rest } = options;
    const argv = ['sh', '-c', script, 'sh', ...args] as const;
    return this.run(
      { argv, env: { LC_ALL: 'C' }, ...(stdin === undefined ? {} : { stdin }) },
      { timeoutMs: fileTimeoutMs, ...rest },
    );
  }

  #throwFileError(exitCode: number, path: string, action: 'read' | 'write'): void {
    const error = toRemoteFileError(exitCode, path, action, this.label);
    if (error) throw error;
  }

  async #putScript(nonce: string, text: string): Promise<{ here: string; there: string }> {
    const folder = join(this.#options.scriptFolder, 'wsl');
    const here = join(folder, `${nonce}.sh`);
    const there = (this.#options.pathThere ?? ((path) => toWslPath(path, this.#options.distribution)))(here);
    if (there === null) {
      const message = `${this.label} cannot see ${folder}; the cache folder must be on a drive of this computer`;
      throw new CanopusError('build/bad-folder', message, { path: folder });
    }
    await mkdir(folder, { recursive: true });
    await writeFile(here, text);
    return { here, there };
  }

  async #endGroup(nonce: string): Promise<void> {
    const note = `/tmp/canopus-${nonce}.group`;
    // The command may have just started and not have recorded its group yet.
    const wait = `n=0; while [ $n -lt 20 ] && ! [ -s ${note} ]; do n=$((n+1)); sleep 0.1; done`;
    const end = `g=$(cat ${note}) || exit 0\n${endGroupScript('$g', killGraceMs)}\nrm -f ${note}`;
    const script = await this.#putScript(`${nonce}-end`, `${wait}\n${end}\n`);
    const [program, ...args] = this.#program;
    try {
      await this.#host.run({ argv: [program, ...args, 'sh', script.there] }, { timeoutMs: 4 * killGraceMs });
    } catch (error) {
      // wsl.exe itself does not reply: nothing more can be done from here.
      if (!isCanopusError(error)) throw error;
    } finally {
      await rm(script.here, { force: true });
    }
  }
}

/** Runs the command as the leader of its own group, records the group, and ends what it leaves in the background. */
function groupScript(command: ShellCommand, nonce: string): string {
  const note = `/tmp/canopus-${nonce}.group`;
  const exported = Object.entries(command.env ?? {}).map(
    ([name, value]) => `export ${name}=${shellWord(value)}`,
  );
  return [
    ...exported,
    'exec 3<&0 </dev/null',
    `setsid sh -c 'echo $$ > ${note}; exec "$@"' sh ${command.argv.map(shellWord).join(' ')} <&3 3<&- &`,
    'p=$!',
    'exec 3<&-',
    'wait $p',
    'r=$?',
    endGroupScript('$p', killGraceMs),
    `rm -f ${note}`,
    'exit $r',
    '',
  ].join('\n');
}
