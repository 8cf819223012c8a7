import { CanopusError } from '../../app/errors.ts';
import { LineSplitter } from '../../app/transport/line-splitter.ts';
import type { RunOptions, RunResult, ShellLine } from '../../app/transport/shell.ts';

/** One output stream of a command: its first bytes are kept, its lines are passed on as they come. */
class OutputCapture {
  readonly #limit: number;
  readonly #lines: LineSplitter | null;
  readonly #kept: Uint8Array[] = [];
  #keptBytes = 0;
  readonly #onFull: () => void;
  #truncated = false;

  constructor(
    stream: ShellLine['stream'],
    limit: number,
    onLine: ((line: ShellLine) => void) | undefined,
    onFull: () => void,
  ) {
    this.#limit = limit;
    this.#onFull = onFull;
    this.#lines = onLine ? new LineSplitter((text) => onLine({ stream, text })) : null;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  push(bytes: Uint8Array): void {
    const room = this.#limit - this.#keptBytes;
    if (bytes.length > room && !this.#truncated) {
      this.#truncated = true;
      this.#onFull();
    }
    if (room > 0) {
      const kept = bytes.subarray(0, room);
      this.#kept.push(kept);
      this.#keptBytes += kept.length;
    }
    this.#lines?.push(bytes);
  }

  /** The stream is over; returns what was kept, as UTF-8. */
  end(): string {
    this.#lines?.end();
    return this.bytes().toString('utf8');
  }

  /** What was kept. */
  bytes(): Buffer {
    return Buffer.concat(this.#kept);
  }
}

const defaultCaptureBytes = 4 << 20;

type OutputOptions = Pick<RunOptions, 'captureBytes' | 'overflow' | 'onLine'>;

/** Both output streams of one command. */
export class CommandOutput {
  readonly stdout: OutputCapture;
  readonly stderr: OutputCapture;
  readonly #captureBytes: number;
  #isFull = false;
  #onFull: (error: CanopusError) => void = () => undefined;

  constructor({ captureBytes = defaultCaptureBytes, overflow, onLine }: OutputOptions) {
    this.#captureBytes = captureBytes;
    const onFull = (): void => {
      if (overflow !== 'fail' || this.#isFull) return;
      this.#isFull = true;
      this.#onFull(this.#tooLong());
    };
    this.stdout = new OutputCapture('stdout', captureBytes, onLine, onFull);
    this.stderr = new OutputCapture('stderr', captureBytes, onLine, onFull);
  }

  /** Calls `onFull` once if a stream overflows that must not, even if it already has. */
  whenFull(onFull: (error: CanopusError) => void): void {
    this.#onFull = onFull;
    if (this.#isFull) onFull(this.#tooLong());
  }

  #tooLong(): CanopusError {
    const bytes = this.#captureBytes;
    return new CanopusError('shell/output-too-long', `a command printed more than ${bytes} bytes`, { bytes });
  }

  /** Call once, when both streams are over. */
  result(exitCode: number): RunResult {
    return {
      exitCode,
      stdout: this.stdout.end(),
      stderr: this.stderr.end(),
      truncated: this.stdout.truncated || this.stderr.truncated,
    };
  }
}
