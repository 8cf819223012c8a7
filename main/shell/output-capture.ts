import { LineSplitter } from '../../app/transport/line-splitter.ts';
import type { RunOptions, RunResult, ShellLine } from '../../app/transport/shell.ts';

/** One output stream of a command: its first bytes are kept, its lines are handed on as they come. */
class OutputCapture {
  readonly #limit: number;
  readonly #lines: LineSplitter | null;
  readonly #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #truncated = false;

  constructor(stream: ShellLine['stream'], limit: number, onLine: ((line: ShellLine) => void) | undefined) {
    this.#limit = limit;
    this.#lines = onLine ? new LineSplitter((text) => onLine({ stream, text })) : null;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  push(bytes: Uint8Array): void {
    const room = this.#limit - this.#keptBytes;
    if (bytes.length > room) this.#truncated = true;
    if (room > 0) {
      const kept = bytes.subarray(0, room);
      this.#kept.push(kept);
      this.#keptBytes += kept.length;
    }
    this.#lines?.push(bytes);
  }

  /** The stream is over; answers what was kept, as UTF-8. */
  end(): string {
    this.#lines?.end();
    return Buffer.concat(this.#kept).toString('utf8');
  }
}

const defaultCaptureBytes = 4 << 20;

/** Both output streams of one command. */
export class CommandOutput {
  readonly stdout: OutputCapture;
  readonly stderr: OutputCapture;

  constructor({ captureBytes = defaultCaptureBytes, onLine }: Pick<RunOptions, 'captureBytes' | 'onLine'>) {
    this.stdout = new OutputCapture('stdout', captureBytes, onLine);
    this.stderr = new OutputCapture('stderr', captureBytes, onLine);
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
