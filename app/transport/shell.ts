/**
 * One command, as a program and its arguments. There is no shell in between: an implementation that has to go
 * through one (SSH does) quotes every word. For pipes and redirections run `['sh', '-c', script, 'sh', ...args]`.
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
  /** How long the command may take; every run ends. */
  readonly timeoutMs: number;
  /** Ends the whole process group. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each line as it arrives, in order within its stream; also for a last one without a line end. */
  readonly onLine?: (line: ShellLine) => void;
  /** How much of each output stream is kept for the result; 4 MiB where not given. */
  readonly captureBytes?: number;
  /**
   * What happens where a stream is longer: `cut` (where not given) drops the rest and lets the command run on, `fail`
   * ends the command, and the run throws `shell/output-too-long`.
   */
  readonly overflow?: 'cut' | 'fail';
}

export interface RunResult {
  /**
   * 128 + n where signal n ended the command, 127 where there is no such program, 126 where it may not be executed
   * (POSIX.1-2024, XCU 2.8.2).
   */
  readonly exitCode: number;
  /** UTF-8, the first `captureBytes`. */
  readonly stdout: string;
  readonly stderr: string;
  /** True where a stream was longer than what was kept. */
  readonly truncated: boolean;
}

/**
 * Commands and files of one machine: this one, a WSL distribution, or a Pi over SSH. Paths are absolute and in that
 * machine's notation. Several runs and file transfers may be under way at once.
 *
 * A command runs in a process group of its own. However `run` settles, nothing of that group is alive afterwards:
 * on abort and time-out the group gets SIGTERM and, where it is still there after `killGraceMs`, SIGKILL; what a
 * command that ended by itself left in the background is ended, too. (A process that made itself a new session is
 * out of reach.)
 *
 * `run` answers any exit code; it rejects with `cancelled`, `shell/timeout`, `shell/lost` (the connection broke; what
 * ran there may still run), `shell/closed` (after close), `shell/not-started` (the machine cannot start processes),
 * `shell/output-too-long` (where `overflow` is `fail`).
 * File methods reject with `file/missing`, `file/unreadable`, `file/unwritable`, `file/disk-full`, `cancelled`,
 * `shell/lost`, `shell/closed`.
 */
export interface Shell extends AsyncDisposable {
  /** For messages: `this computer`, `WSL Debian`, `pi@voron.local`. */
  readonly label: string;
  run(command: ShellCommand, options: RunOptions): Promise<RunResult>;
  /** All bytes of a regular file; rejects with `file/unreadable` where it is longer than `maxBytes`. */
  readFile(
    path: string,
    options: { maxBytes: number; signal?: AbortSignal | undefined },
  ): Promise<Uint8Array>;
  /**
   * Puts a file there whole: a reader, and whoever looks after a crash, sees the old content or the new one, never
   * a part. Missing parent folders are not made. `mode` 0o644 where not given.
   */
  writeFile(
    path: string,
    bytes: Uint8Array,
    options?: { mode?: number; signal?: AbortSignal | undefined },
  ): Promise<void>;
  /** Makes the folder and its missing parents; an existing one is fine. */
  makeFolder(path: string, signal?: AbortSignal): Promise<void>;
  /** Removes a file or a whole folder; nothing there is fine. Links are removed, not followed. */
  remove(path: string, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** How long a process group has between SIGTERM and SIGKILL. */
export const killGraceMs = 2_000;
