import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import PQueue from 'p-queue';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import type { RunOptions, RunResult, Shell, ShellCommand } from '../../../app/transport/shell.ts';
import { CommandOutput } from '../output-capture.ts';
import { pipesAhead, sessionsAhead, type OpenedAhead } from './opened-ahead.ts';
import { RemoteCommand, type RemoteSinks } from './remote-command.ts';
import {
  makeFolderScript,
  readFileScript,
  removeScript,
  toRemoteFileError,
  writeFileScript,
} from '../remote-files.ts';
import { RunningCommands } from '../running-commands.ts';
import { forward, type SshConnection } from './ssh-connection.ts';

const fileTimeoutMs = 120_000;
const endMs = 2_000;
/** How long a program may take to end when its input has ended, before it is killed. */
const programEndMs = 4_000;
/** How often, and after how long, a session is asked for again where no other one is open. */
const maxAlone = 3;
const sessionEndMs = 50;
/** OpenSSH allows ten sessions over one connection (MaxSessions); two are reserved for ending commands. */
const sessions = 8;
/** A new session takes two round trips, a command in it one: with three that wait, none is waited for. */
const maxSessionsAhead = 3;
/** Moonraker is asked two things at once. */
const maxPipesAhead = 2;

/** A program that runs on the other machine and is spoken with. */
export interface RunningProgram {
  write(bytes: Uint8Array): void;
  /** Its exit code; throws as `Shell.run` does if it never ran or the connection broke. */
  readonly ended: Promise<number>;
  /** Ends its input, then the program if that did not end it; resolves when it has ended. */
  end(): Promise<void>;
}

/** Commands and files of another machine over one SSH connection; needs `sh`, coreutils and util-linux there. */
export class SshShell implements Shell {
  readonly label: string;
  readonly #connection: SshConnection;
  readonly #queue = new PQueue({ concurrency: sessions });
  readonly #commands: RunningCommands;
  /** Each resolves when its command has ended. */
  readonly #running = new Set<Promise<unknown>>();
  readonly #sessions: OpenedAhead<RemoteCommand>;
  readonly #pipes = new Map<string, OpenedAhead<Duplex>>();
  readonly #programs = new Set<RunningProgram>();
  #commandsRun = 0;
  #state: 'open' | 'lost' | 'closed' = 'open';

  constructor(connection: SshConnection) {
    this.label = connection.label;
    this.#commands = new RunningCommands(connection.label);
    this.#connection = connection;
    this.#sessions = sessionsAhead(connection);
    connection.client.once('close', () => {
      if (this.#state === 'open') this.#state = 'lost';
    });
  }

  /** True while commands can be sent. */
  get connected(): boolean {
    return this.#state === 'open';
  }

  /** A byte pipe to a TCP port as seen from the far machine. Throws `ssh/forward-refused`, `shell/*`. */
  async connectTo(host: string, port: number): Promise<Duplex> {
    this.#check(undefined);
    const pipes = this.#pipesTo(host, port);
    const pipe = (await pipes.take()?.catch(() => null)) ?? (await forward(this.#connection, { host, port }));
    if (this.#state === 'open') pipes.fill(maxPipesAhead);
    return pipe;
  }

  #pipesTo(host: string, port: number): OpenedAhead<Duplex> {
    const key = `${host} ${port}`;
    const known = this.#pipes.get(key);
    if (known !== undefined) return known;
    const pipes = pipesAhead(this.#connection, { host, port });
    this.#pipes.set(key, pipes);
    return pipes;
  }

  async run(command: ShellCommand, options: RunOptions): Promise<RunResult> {
    const output = new CommandOutput(options);
    return output.result(await this.#execute(command, options, output));
  }

  /**
   * Starts a program that is spoken with: `command.stdin` is the beginning of its input. It has a session of its own as
   * long as it runs. Throws `shell/*`, `ssh/no-session`.
   */
  async startProgram(command: ShellCommand, sinks: RemoteSinks): Promise<RunningProgram> {
    this.#check(undefined);
    const remote = await RemoteCommand.open(this.#connection, { command, sinks, inputStaysOpen: true });
    const over = remote.ended.catch(() => undefined).finally(() => this.#programs.delete(program));
    this.#running.add(over);
    void over.then(() => this.#running.delete(over));
    let ending: Promise<void> | null = null;
    const program: RunningProgram = {
      write: (bytes) => remote.write(bytes),
      ended: remote.ended,
      end: () => (ending ??= endProgram(remote, over, () => this.#sessions.take())),
    };
    this.#programs.add(program);
    return program;
  }

  async readFile(
    path: string,
    options: { maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<Uint8Array> {
    // The far end keeps time, too; this is for one that fails to.
    const output = new CommandOutput({ captureBytes: options.maxBytes, overflow: 'fail' });
    const args = [path, String(options.maxBytes)];
    const exitCode = await this.#script(readFileScript, args, { signal: options.signal, output });
    const error = toRemoteFileError(exitCode, path, 'read', this.label);
    if (error) throw error;
    const whole = output.stdout.bytes();
    return new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
  }

  async writeFile(
    path: string,
    bytes: Uint8Array,
    options: { mode?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const mode = (options.mode ?? 0o644).toString(8);
    const temporary = `${path}.${randomBytes(6).toString('hex')}.canopus-tmp`;
    const exitCode = await this.#script(writeFileScript, [path, mode, String(bytes.length), temporary], {
      signal: options.signal,
      stdin: bytes,
    });
    const error = toRemoteFileError(exitCode, path, 'write', this.label);
    if (error) throw error;
  }

  async makeFolder(path: string, signal?: AbortSignal): Promise<void> {
    const error = toRemoteFileError(
      await this.#script(makeFolderScript, [path], { signal }),
      path,
      'write',
      this.label,
    );
    if (error) throw error;
  }

  async remove(path: string, signal?: AbortSignal): Promise<void> {
    const error = toRemoteFileError(
      await this.#script(removeScript, [path], { signal }),
      path,
      'write',
      this.label,
    );
    if (error) throw error;
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    const lost = this.#state === 'lost';
    this.#state = 'closed';
    this.#sessions.clear();
    for (const pipes of this.#pipes.values()) pipes.clear();
    await Promise.all([...this.#programs].map((program) => program.end()));
    await this.#commands.close();
    const { client } = this.#connection;
    if (lost) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        client.destroy();
        resolve();
      }, endMs);
      client.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#connection.end();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #check(signal: AbortSignal | undefined): void {
    if (this.#state === 'lost') {
      throw new CanopusError('shell/lost', `The connection to ${this.label} is gone.`, { label: this.label });
    }
    this.#commands.check(signal);
  }

  #script(
    script: string,
    args: readonly string[],
    options: {
      stdin?: Uint8Array;
      signal?: AbortSignal | undefined;
      output?: CommandOutput;
    },
  ): Promise<number> {
    return this.#execute(
      {
        argv: ['sh', '-c', script, 'sh', ...args],
        env: { LC_ALL: 'C' },
        ...(options.stdin ? { stdin: options.stdin } : {}),
      },
      { timeoutMs: fileTimeoutMs, signal: options.signal },
      options.output ?? new CommandOutput({ captureBytes: 0 }),
    );
  }

  async #execute(command: ShellCommand, options: RunOptions, output: CommandOutput): Promise<number> {
    this.#check(options.signal);
    return this.#queue.add(async () => {
      for (let isAhead = true; ; isAhead = false) {
        const remote = await this.#start(command, options.signal, output, isAhead);
        const end = (): Promise<void> => remote.stop(() => this.#sessions.take());
        try {
          return await this.#commands.follow(command.argv[0], options, end, (stop) => {
            output.whenFull(stop);
            return remote.ended;
          });
        } catch (error) {
          // A session that waited may have been ended by its login shell (TMOUT): a new one runs the command.
          if (!isAhead || !isCanopusError(error, 'ssh/login-shell') || !remote.endedWaiting) throw error;
        }
      }
    });
  }

  /** A server may allow fewer sessions than OpenSSH usually does: then fewer commands run at a time. */
  async #start(
    command: ShellCommand,
    signal: AbortSignal | undefined,
    output: CommandOutput,
    isAhead: boolean,
  ): Promise<RemoteCommand> {
    const sinks: RemoteSinks = {
      stdout: (bytes) => output.stdout.push(bytes),
      stderr: (bytes) => output.stderr.push(bytes),
    };
    for (let alone = 1; ;) {
      this.#check(signal);
      const starting = this.#open(command, sinks, isAhead ? this.#sessions.take() : null);
      const over: Promise<unknown> = starting
        .then((remote) => remote.ended)
        .catch(() => undefined)
        .finally(() => this.#running.delete(over));
      this.#running.add(over);
      try {
        const remote = await starting;
        this.#commandsRun += 1;
        const ahead = Math.min(maxSessionsAhead, this.#commandsRun, sessions - this.#running.size);
        if (this.#state === 'open' && this.#connection.takesSessionsAhead) this.#sessions.fill(ahead);
        return remote;
      } catch (error) {
        this.#running.delete(over);
        if (!isCanopusError(error, 'ssh/no-session') || alone > maxAlone) throw error;
        // A session that has just ended may still count.
        if (this.#running.size === 0) await delay(alone++ * sessionEndMs);
        else {
          this.#queue.concurrency = this.#running.size;
          await Promise.race(this.#running);
        }
      }
    }
  }

  async #open(
    command: ShellCommand,
    sinks: RemoteSinks,
    waiting: Promise<RemoteCommand> | null,
  ): Promise<RemoteCommand> {
    const session = await waiting;
    if (!session?.waits) return RemoteCommand.open(this.#connection, { command, sinks });
    session.run(command, sinks);
    return session;
  }
}

async function endProgram(
  remote: RemoteCommand,
  over: Promise<unknown>,
  waiting: () => Promise<RemoteCommand> | null,
): Promise<void> {
  remote.endInput();
  const late = new AbortController();
  const isOver = await Promise.race([
    over.then(() => true),
    delay(programEndMs, false, { signal: late.signal }).catch(() => false),
  ]);
  late.abort();
  if (!isOver) await remote.stop(waiting);
}
