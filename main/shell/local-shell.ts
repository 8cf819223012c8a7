import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { open, rm, stat } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { CanopusError } from '../../app/errors.ts';
import { killGraceMs } from '../../app/transport/shell.ts';
import type { RunOptions, RunResult, Shell, ShellCommand } from '../../app/transport/shell.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { systemErrorCode, toFileError } from '../files/file-errors.ts';
import { CommandOutput } from './output-capture.ts';
import { endProcessGroup } from './process-group.ts';
import { RunningCommands } from './running-commands.ts';
import { makeFolder } from '../files/make-folder.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Commands and files of this computer. */
export class LocalShell implements Shell {
  readonly label: string;
  readonly #commands: RunningCommands;
  readonly #env: Readonly<Record<string, string>>;

  /** `env` is added to the environment of every command. */
  constructor(options: { label?: string; env?: Readonly<Record<string, string>> } = {}) {
    this.label = options.label ?? 'this computer';
    this.#commands = new RunningCommands(this.label);
    this.#env = options.env ?? {};
  }

  async run(command: ShellCommand, options: RunOptions): Promise<RunResult> {
    this.#commands.check(options.signal);
    const started = await this.#start(command);
    if (typeof started === 'number') return { exitCode: started, stdout: '', stderr: '', truncated: false };
    return this.#follow(started, command, options);
  }

  /** Spawns the command in its own group; if that fails, returns the exit code of POSIX shells. */
  #start(command: ShellCommand): Promise<Child | number> {
    const [program, ...args] = command.argv;
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        detached: process.platform !== 'win32',
        env: { ...process.env, ...this.#env, ...command.env },
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
      });
      child.once('spawn', () => resolve(child));
      child.once('error', (error) => {
        const reason = systemErrorCode(error);
        if (reason === 'ENOENT') {
          resolve(127);
          return;
        }
        if (reason === 'EACCES' || reason === 'ENOEXEC') {
          resolve(126);
          return;
        }
        const message = `${this.label} could not start ${program} (${reason ?? error.message})`;
        reject(new CanopusError('shell/not-started', message, { program, reason }, { cause: error }));
      });
    });
  }

  async #follow(child: Child, command: ShellCommand, options: RunOptions): Promise<RunResult> {
    const output = new CommandOutput(options);
    child.stdout.on('data', (bytes: Buffer) => output.stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => output.stderr.push(bytes));
    const closed = new Promise<undefined>((resolve) => child.once('close', () => resolve(undefined)));
    const exited = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? 128 + osConstants.signals[signal ?? 'SIGKILL']));
    });
    // A command that ends without reading its input breaks the pipe (EPIPE), which is fine.
    child.stdin.on('error', () => undefined);
    child.stdin.end(command.stdin);

    const pid = child.pid ?? 0;
    const drained = exited.then(async (exitCode) => {
      await endProcessGroup(pid);
      await closedOrDestroyed(child, closed);
      return exitCode;
    });
    const end = async (): Promise<void> => {
      await endProcessGroup(pid);
      await drained;
    };
    const exitCode = await this.#commands.follow(command.argv[0], options, end, (stop) => {
      output.whenFull(stop);
      return drained;
    });
    return output.result(exitCode);
  }

  async readFile(
    path: string,
    options: { maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<Uint8Array> {
    this.#commands.check(options.signal);
    try {
      // Checked before opening: opening a named pipe would wait for a writer.
      const { size } = await regularFile(path);
      if (size > options.maxBytes) throw tooLong(path, size, options.maxBytes);
      const file = await open(path, 'r');
      try {
        const bytes = await file.readFile(options.signal ? { signal: options.signal } : {});
        // It may have grown between the two checks.
        if (bytes.length > options.maxBytes) throw tooLong(path, bytes.length, options.maxBytes);
        return bytes;
      } finally {
        await file.close();
      }
    } catch (error) {
      throw toFileError(error, path, 'read');
    }
  }

  async writeFile(
    path: string,
    bytes: Uint8Array,
    options: { mode?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    this.#commands.check(options.signal);
    await writeFileAtomically(path, bytes, options);
  }

  async makeFolder(path: string, signal?: AbortSignal): Promise<void> {
    this.#commands.check(signal);
    await makeFolder(path).catch((error: unknown) => {
      throw toFileError(error, path, 'write');
    });
  }

  async remove(path: string, signal?: AbortSignal): Promise<void> {
    this.#commands.check(signal);
    await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
      throw toFileError(error, path, 'write');
    });
  }

  close(): Promise<void> {
    return this.#commands.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Resolves when both output pipes have ended. A process that left the group may hold them open for ever: after the
 * grace time they are abandoned.
 */
async function closedOrDestroyed(child: Child, closed: Promise<undefined>): Promise<void> {
  const timer = setTimeout(() => {
    child.stdout.destroy();
    child.stderr.destroy();
  }, killGraceMs);
  try {
    await closed;
  } finally {
    clearTimeout(timer);
  }
}

async function regularFile(path: string): Promise<{ size: number }> {
  const found = await stat(path);
  if (!found.isFile()) {
    throw new CanopusError('file/unreadable', `${path} is not a file`, { path, reason: 'not a file' });
  }
  return found;
}

function tooLong(path: string, bytes: number, maxBytes: number): CanopusError {
  const message = `${path} has ${bytes} bytes, more than the ${maxBytes} expected`;
  return new CanopusError('file/unreadable', message, { path, bytes, maxBytes });
}
