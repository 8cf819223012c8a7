/**
 * One command, as a program and its arguments. There is no shell in between: an implementation that needs one (SSH
 * does) quotes every word. For pipes and redirections run `['sh', '-c', script, 'sh', ...args]`.
 */
export interface ShellCommand {
  readonly argv: readonly [string, ...string[]];
  /** Added to the environment that the command would have anyway. Names are `[A-Za-z_][A-Za-z0-9_]*`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. Without it standard input is empty. Never logged. */
  readonly stdin?: Uint8Array;
}

export interface ShellLine {
  readonly stream: 'stdout' | 'stderr';
  /** Without its line end (`\n` or `\r\n`); longer ones are cut at `maxLineLength` characters. */
  readonly text: string;
}

export const maxLineLength = 16_384;

export interface RunOptions {
  /** The time-out of the command; every run ends. */
  readonly timeoutMs: number;
  /** Ends the whole process group. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each line as it arrives, in order within its stream; also for a last one without a line end. */
  readonly onLine?: (line: ShellLine) => void;
  /** How much of each output stream the result holds; default 4 MiB. */
  readonly captureBytes?: number;
  /**
   * What happens if a stream is longer: `cut` (the default) drops the rest and lets the command run on, `fail` ends the
   * command, and the run throws `shell/output-too-long`.
   */
  readonly overflow?: 'cut' | 'fail';
}

export interface RunResult {
  /**
   * 128 + n if signal n ended the command, 127 if there is no such program, 126 if it may not be executed
   * (POSIX.1-2024, XCU 2.8.2).
   */
  readonly exitCode: number;
  /** UTF-8, the first `captureBytes`. */
  readonly stdout: string;
  readonly stderr: string;
  /** True if a stream was longer than what was kept. */
  readonly truncated: boolean;
}

/**
 * Commands and files of one machine: this one, a WSL distribution, or a Pi over SSH. Paths are absolute and in that
 * machine's notation. Several runs and file transfers may run at once.
 *
 * A command runs in its own process group. However `run` settles, nothing of that group is alive afterwards: on abort
 * and time-out the group gets SIGTERM and, if it is still there after `killGraceMs`, SIGKILL; background processes of a
 * command that ended are killed, too. (A process that made itself a new session is out of reach.)
 *
 * `run` returns any exit code; it throws `cancelled`, `shell/timeout`, `shell/lost` (the connection broke; the command
 * may still run), `shell/closed` (after close), `shell/not-started` (the machine cannot start processes),
 * `shell/output-too-long` (if `overflow` is `fail`); over SSH also `ssh/login-shell`, `ssh/no-session`. File methods throw
 * `file/missing`, `file/unreadable`, `file/unwritable`, `file/disk-full`, `cancelled`, `shell/lost`, `shell/closed`.
 */
export interface Shell extends AsyncDisposable {
  /** For messages: `this computer`, `WSL Debian`, `pi@voron.local`. */
  readonly label: string;
  run(command: ShellCommand, options: RunOptions): Promise<RunResult>;
  /** All bytes of a regular file; throws `file/unreadable` if it is longer than `maxBytes`. */
  readFile(
    path: string,
    options: { maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<Uint8Array>;
  /**
   * Writes a whole file: a reader, even after a crash, sees the old content or the new one, never a part. Does not make
   * missing parent folders. Default `mode`: 0o644.
   */
  writeFile(
    path: string,
    bytes: Uint8Array,
    options?: { mode?: number; signal?: AbortSignal | undefined },
  ): Promise<void>;
  /** Makes the folder and its missing parents; an existing one is fine. */
  makeFolder(path: string, signal?: AbortSignal): Promise<void>;
  /** Removes a file or a whole folder; a missing one is fine. Links are removed, not followed. */
  remove(path: string, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** How long a process group has between SIGTERM and SIGKILL. */
export const killGraceMs = 2_000;
