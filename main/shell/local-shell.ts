import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { CanopusError } from '../../app/errors.ts';
import { killGraceMs } from '../../app/transport/shell.ts';
import type { RunOptions, RunResult, Shell, ShellCommand } from '../../app/transport/shell.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { systemErrorCode, toFileError } from '../files/file-errors.ts';
import { OutputCapture } from './output-capture.ts';
import { endProcessGroup } from './process-group.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const defaultCaptureBytes = 4 << 20;

/** Commands and files of this computer. */
export class LocalShell implements Shell {
  readonly label: string;
  readonly #running = new Set<(reason: CanopusError) => Promise<unknown>>();
  #closed = false;

  readonly #env: Readonly<Record<string, string>>;

  /** `env` is added to the environment of every command. */
  constructor(options: { label?: string; env?: Readonly<Record<string, string>> } = {}) {
    this.label = options.label ?? 'this computer';
    this.#env = options.env ?? {};
  }

  async run(command: ShellCommand, options: RunOptions): Promise<RunResult> {
    this.#check(options.signal);
    const started = await this.#start(command);
    if (typeof started === 'number') return { exitCode: started, stdout: '', stderr: '', truncated: false };
    return this.#follow(started, command, options);
  }

  /** Spawns the command in a group of its own; answers the exit code instead where POSIX shells would. */
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
    const limit = options.captureBytes ?? defaultCaptureBytes;
    const stdout = new OutputCapture('stdout', limit, options.onLine);
    const stderr = new OutputCapture('stderr', limit, options.onLine);
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
    const closed = new Promise<undefined>((resolve) => child.once('close', () => resolve(undefined)));
    const exited = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? 128 + osConstants.signals[signal ?? 'SIGKILL']));
    });
    // A command that ends without reading its input breaks the pipe (EPIPE): its business.
    child.stdin.on('error', () => undefined);
    child.stdin.end(command.stdin);

    const pid = child.pid ?? 0;
    const stopReasons: CanopusError[] = [];
    const stop = async (reason: CanopusError): Promise<void> => {
      stopReasons.push(reason);
      await endProcessGroup(pid);
      await drained;
    };
    const onAbort = () => void stop(new CanopusError('cancelled', 'The work was cancelled.'));
    const timer = setTimeout(() => {
      const seconds = options.timeoutMs / 1000;
      const message = `${command.argv[0]} on ${this.label} took longer than ${seconds} s`;
      void stop(new CanopusError('shell/timeout', message, { program: command.argv[0], seconds }));
    }, options.timeoutMs);
    const drained = exited.then(async (exitCode) => {
      await endProcessGroup(pid);
      await closedOrDestroyed(child, closed);
      return exitCode;
    });
    options.signal?.addEventListener('abort', onAbort, { once: true });
    this.#running.add(stop);
    // The signal may have been aborted, or this shell closed, while the command was being started.
    if (options.signal?.aborted) onAbort();
    else if (this.#closed) void stop(closedError(this.label));
    try {
      const exitCode = await drained;
      const result = {
        exitCode,
        stdout: stdout.end(),
        stderr: stderr.end(),
        truncated: stdout.truncated || stderr.truncated,
      };
      if (stopReasons[0]) throw stopReasons[0];
      return result;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      this.#running.delete(stop);
    }
  }

  async readFile(
    path: string,
    options: { maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<Uint8Array> {
    this.#check(options.signal);
    try {
      // Asked before opening: opening a named pipe would wait for a writer.
      const { size } = await regularFile(path);
      if (size > options.maxBytes) throw tooLong(path, size, options.maxBytes);
      const file = await open(path, 'r');
      try {
        const bytes = await file.readFile(options.signal ? { signal: options.signal } : {});
        // It may have grown between the two looks.
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
    this.#check(options.signal);
    await writeFileAtomically(path, bytes, options);
  }

  async makeFolder(path: string, signal?: AbortSignal): Promise<void> {
    this.#check(signal);
    await mkdir(path, { recursive: true }).catch((error: unknown) => {
      throw toFileError(error, path, 'write');
    });
  }

  async remove(path: string, signal?: AbortSignal): Promise<void> {
    this.#check(signal);
    await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
      throw toFileError(error, path, 'write');
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((stop) => stop(closedError(this.label))));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(signal: AbortSignal | undefined): void {
    if (this.#closed) throw closedError(this.label);
    if (signal?.aborted) throw new CanopusError('cancelled', 'The work was cancelled.');
  }
}

/**
 * Resolves when both output pipes have ended. A process that left the group may hold them open for ever: after the
 * grace time they are given up.
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

function closedError(label: string): CanopusError {
  return new CanopusError('shell/closed', `The connection to ${label} is closed.`);
}
