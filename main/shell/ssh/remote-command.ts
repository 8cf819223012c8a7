import { randomBytes } from 'node:crypto';
import { constants as osConstants } from 'node:os';
import type { ClientChannel } from 'ssh2';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import { quoted } from '../../../app/quoted.ts';
import { killGraceMs, type ShellCommand } from '../../../app/transport/shell.ts';
import {
  MarkedStream,
  endGroupScript,
  groupScript,
  loginShellLine,
  maxNoiseBytes,
  readerLine,
  scriptLine,
} from '../remote-script.ts';
import type { SshConnection } from './ssh-connection.ts';

/** Where a command's output goes, in order within each stream. */
export interface RemoteSinks {
  stdout(bytes: Uint8Array): void;
  stderr(bytes: Uint8Array): void;
}

/** How long the far end may take to close a channel whose command has ended, before the channel is dropped. */
const drainMs = 1_000;
/** How long a login shell may take for its start files: a busy Pi Zero with a full .bashrc needs seconds. */
const readyMs = 30_000;
/** How long a login shell is waited for before it may be one that reads a line in a start file. */
const nudgeMs = 5_000;
/** How long a command may take to identify itself, or a kill to take effect, before the channel is dropped. */
const answerMs = 5_000;

/** A script for the reader at the far end, with the input that follows it and the place for its output. */
interface Order {
  readonly program: string;
  readonly script: string;
  readonly stdin: Uint8Array | undefined;
  readonly inputStaysOpen: boolean;
  readonly sinks: RemoteSinks;
}

/**
 * A session at the far end of an SSH connection for one command, which runs there in its own process group. It can be
 * opened ahead: until `run`, its login shell waits for a script.
 */
export class RemoteCommand {
  readonly #connection: SshConnection;
  readonly #channel: ClientChannel;
  readonly #nonce: string;
  readonly #started: Promise<number | null>;
  readonly #stdout: MarkedStream;
  readonly #stderr: MarkedStream;
  #order: Order | null = null;
  #isAhead = false;
  #hasOutput = false;
  #isOver = false;
  #drop: () => void = () => undefined;
  #isStopping = false;
  /** Why the channel was dropped before anything ran. */
  #trouble: string | null = null;
  /** The command's exit code; throws `shell/lost`, `shell/not-started` or `ssh/login-shell`. */
  readonly ended: Promise<number>;

  private constructor(connection: SshConnection, channel: ClientChannel, nonce: string) {
    this.#connection = connection;
    this.#channel = channel;
    this.#nonce = nonce;
    let tellGroup: (group: number | null) => void = () => undefined;
    this.#started = new Promise((resolve) => {
      tellGroup = resolve;
    });
    const late = setTimeout(() => {
      // It has got several lines meanwhile: what reads one line would be through.
      this.#trouble ??= `its login shell ran nothing within ${readyMs / 1000} s; a start file such as .bashrc may read all of its input, or put another shell in its place`;
      this.#drop();
    }, readyMs);
    // A start file that reads a line waits for one; an empty line is no secret, and our reader skips it.
    const nudge = setInterval(() => channel.write('\n'), nudgeMs);
    const stopTimers = (): void => {
      clearTimeout(late);
      clearInterval(nudge);
    };
    const onFlood = (): void => {
      this.#trouble ??= `its login shell printed more than ${maxNoiseBytes} bytes before it ran anything`;
      this.#drop();
    };
    this.#stdout = new MarkedStream(nonce, {
      // Only now is our reader running: a shell that start files put in its place must get no script and no password.
      onMark: () => {
        stopTimers();
        this.#send();
      },
      onBytes: (bytes) => this.#take('stdout', bytes),
      onFlood,
    });
    this.#stderr = new MarkedStream(nonce, {
      onMark: (group) => {
        if (this.#order === null) this.#drop();
        tellGroup(/^\d+$/.test(group) ? Number(group) : null);
      },
      onBytes: (bytes) => this.#take('stderr', bytes),
      onFlood,
    });
    channel.on('data', (bytes: Buffer) => this.#stdout.push(bytes));
    channel.stderr.on('data', (bytes: Buffer) => this.#stderr.push(bytes));
    // A command that ends without reading its input closes the pipe, which is fine.
    channel.on('error', () => undefined);
    this.ended = this.#follow(() => {
      this.#isOver = true;
      stopTimers();
      tellGroup(null);
      if (this.#stderr.marked && this.#stdout.marked) return null;
      return quoted(`${this.#stdout.noise} ${this.#stderr.noise}`);
    });
    // The caller that stops the command may ignore how it ended.
    this.ended.catch(() => undefined);
  }

  /**
   * Opens a session, for `command` where that is known. Throws `shell/lost` if the connection is gone, `ssh/no-session` if
   * the server opens none.
   */
  static open(
    connection: SshConnection,
    command?: {
      readonly command: ShellCommand;
      readonly sinks: RemoteSinks;
      readonly inputStaysOpen?: boolean;
    },
  ): Promise<RemoteCommand> {
    const nonce = randomBytes(12).toString('hex');
    return exec(connection, readerLine(nonce), (channel) => {
      const opened = new RemoteCommand(connection, channel, nonce);
      // Before the first byte can come: output without a command would drop it.
      if (command === undefined) opened.#isAhead = true;
      else opened.run(command.command, command.sinks, command.inputStaysOpen);
      return opened;
    });
  }

  /** True until `run`, while the login shell can still take a script. */
  get waits(): boolean {
    return this.#order === null && !this.#isOver;
  }

  /**
   * True for a session that was opened ahead and has ended without its command: nothing came of it, not even the number of
   * its group.
   */
  get endedWaiting(): boolean {
    return this.#isAhead && this.#isOver && !this.#stderr.marked && !this.#hasOutput;
  }

  /**
   * Runs a command as soon as the login shell is ready for it; once only. With `inputStaysOpen` its input goes on with
   * `write` until `endInput`.
   */
  run(command: ShellCommand, sinks: RemoteSinks, inputStaysOpen = false): void {
    const script = groupScript(command.argv, command.env ?? {}, this.#nonce, killGraceMs);
    this.#order = { program: command.argv[0], script, stdin: command.stdin, inputStaysOpen, sinks };
    if (this.#stdout.marked) this.#send();
  }

  /** More input for a command whose input stays open; only once it has printed something. */
  write(bytes: Uint8Array): void {
    if (!this.#isOver) this.#channel.write(bytes);
  }

  /** Ends the input of a command; its output still arrives. */
  endInput(): void {
    if (!this.#isOver) this.#channel.end();
  }

  #send(): void {
    if (this.#order === null) return;
    const { script, stdin, inputStaysOpen } = this.#order;
    this.#channel.write(scriptLine(script));
    const input = stdin === undefined ? undefined : Buffer.from(stdin);
    if (!inputStaysOpen) this.#channel.end(input);
    else if (input !== undefined) this.#channel.write(input);
  }

  #take(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    this.#hasOutput = true;
    // What speaks before it was given a command is not our reader alone: its output would be taken for the command's.
    if (this.#order === null) this.#drop();
    else this.#order.sinks[stream](bytes);
  }

  get #program(): string {
    return this.#order?.program ?? 'a command';
  }

  #follow(noise: () => string | null): Promise<number> {
    return new Promise((resolve, reject) => {
      let exitCode: number | null = null;
      let drain: NodeJS.Timeout | undefined;
      this.#channel.on('exit', (code: number | null, signal?: string) => {
        // RFC 4254, section 6.10: names without SIG; ssh2 puts it before them.
        const name = signal ?? 'SIGKILL';
        const signals: Readonly<Record<string, number>> = osConstants.signals;
        exitCode = code ?? 128 + (signals[name] ?? 9);
        // A process in its own session that still holds something open would keep the channel for good.
        drain = setTimeout(this.#drop, this.#isStopping ? 0 : drainMs);
      });
      this.#drop = () => {
        // A destroyed channel does not always emit an event.
        this.#channel.destroy();
        this.#channel.emit('close');
      };
      this.#channel.once('close', () => {
        clearTimeout(drain);
        const said = noise();
        if (said === null && exitCode !== null) {
          resolve(exitCode);
        } else if (this.#trouble === null && exitCode === null) {
          reject(lostError(this.#connection, this.#program));
        } else {
          const how =
            this.#trouble ?? `its login shell ended with ${exitCode} before it ran ${this.#program}`;
          const message = `${this.#connection.label} did not start a command: ${how}${said ? `; it said: ${said}` : ''}`;
          reject(new CanopusError('ssh/login-shell', message, { program: this.#program, exitCode, said }));
        }
      });
    });
  }

  /** Gives up a session that was not used. */
  drop(): void {
    this.#drop();
  }

  /**
   * Ends the command and its group; resolves when it has ended, or when there is no reply any more. Where the server opens
   * no other session for that, one of those that wait serves.
   */
  async stop(waiting: () => Promise<RemoteCommand> | null): Promise<void> {
    const over = this.ended.then(
      () => undefined,
      () => undefined,
    );
    const group = await within(answerMs, this.#started, null);
    // Its further output is of no use, but an unread channel would block its far end.
    this.#isStopping = true;
    this.#channel.pause();
    this.#channel.stderr.pause();
    if (group !== null) {
      await within(killGraceMs + answerMs, endGroup(this.#connection, group, waiting), undefined);
    }
    await within(group === null ? 0 : answerMs, over, undefined);
    // Nothing more can be done from here; a command that is still running loses its streams.
    this.#drop();
  }
}

function lostError({ label, farewell }: SshConnection, program: string): CanopusError {
  const said = farewell();
  const message = `the connection to ${label} broke while ${program} ran; it may still be running there`;
  if (said === null) return new CanopusError('shell/lost', message, { label, program });
  return new CanopusError('shell/lost', `${message}; it said: ${said}`, { label, program, said });
}

/**
 * Opens a session channel for one command line. `use` is called at once: a short command's exit status may be in the
 * same packet as the channel's, and events are not buffered.
 */
function exec<T>(connection: SshConnection, line: string, use: (channel: ClientChannel) => T): Promise<T> {
  const { client, label } = connection;
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(lostError(connection, 'a command'));
    client.once('close', onClose);
    try {
      client.exec(line, (error, channel) => {
        client.off('close', onClose);
        if (error) {
          const message = `${label} opens no session for a command: ${quoted(error.message)}`;
          reject(new CanopusError('ssh/no-session', message, { label }, { cause: error }));
        } else {
          resolve(use(channel));
        }
      });
    } catch (error) {
      // ssh2 throws if its socket is gone.
      client.off('close', onClose);
      reject(
        new CanopusError('shell/lost', `the connection to ${label} is gone`, { label }, { cause: error }),
      );
    }
  });
}

/** A second channel, because the first one's standard input belongs to the command. */
async function endGroup(
  connection: SshConnection,
  group: number,
  waiting: () => Promise<RemoteCommand> | null,
): Promise<void> {
  const script = endGroupScript(String(group), killGraceMs);
  try {
    // Its output is not read; its exit event comes anyway.
    await exec(connection, loginShellLine(script), (channel) => {
      channel.on('error', () => undefined);
      channel.end();
      return new Promise<void>((resolve) => {
        channel.once('close', resolve);
        channel.once('exit', () => {
          channel.destroy();
          resolve();
        });
      });
    });
  } catch (error) {
    if (!isCanopusError(error, 'ssh/no-session')) return;
    const other = await waiting()?.catch(() => null);
    other?.run({ argv: ['sh', '-c', script] }, { stdout: () => undefined, stderr: () => undefined });
    await other?.ended.catch(() => undefined);
  }
}

/** The promise's value, or `otherwise` if it takes longer. */
async function within<T>(ms: number, promise: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
