import { cancelled, throwIfCancelled } from '../../app/cancelled.ts';
import { CanopusError } from '../../app/errors.ts';
import type { RunOptions } from '../../app/transport/shell.ts';

type Stop = (reason: CanopusError) => Promise<unknown>;

/**
 * The commands that one shell runs. A command ends on its own, at its time limit, when its signal is aborted or when
 * the shell is closed; the first of these decides what its run throws.
 */
export class RunningCommands {
  readonly #label: string;
  readonly #running = new Set<Stop>();
  #closed = false;

  constructor(label: string) {
    this.#label = label;
  }

  /** Call before a command or a file is touched. Throws `shell/closed`, `cancelled`. */
  check(signal: AbortSignal | undefined): void {
    if (this.#closed) throw closedError(this.#label);
    throwIfCancelled(signal);
  }

  /**
   * Runs `work` to its end and returns its result. `end` ends the command on that machine and resolves when none of it
   * is left; it is called at most once. `work` may stop the command for its own reason. Throws that reason, what `work`
   * throws, `cancelled`, `shell/timeout`, `shell/closed`.
   */
  async follow<T>(
    program: string,
    options: Pick<RunOptions, 'timeoutMs' | 'signal'>,
    end: () => Promise<unknown>,
    work: (stop: (reason: CanopusError) => void) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs, signal } = options;
    const stopped: { reason?: CanopusError; done?: Promise<unknown> } = {};
    const stop: Stop = (reason) => {
      stopped.reason ??= reason;
      stopped.done ??= end();
      return stopped.done;
    };
    const onAbort = (): void => void stop(cancelled());
    const timer = setTimeout(() => void stop(timeoutError(program, this.#label, timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#running.add(stop);
    // The signal may have been aborted, or this shell closed, while the command was being started.
    if (signal?.aborted) onAbort();
    else if (this.#closed) void stop(closedError(this.#label));
    try {
      const result = await work((reason) => void stop(reason));
      await stopped.done;
      if (stopped.reason !== undefined) throw stopped.reason;
      return result;
    } catch (error) {
      await stopped.done;
      throw stopped.reason ?? error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.#running.delete(stop);
    }
  }

  /** Ends everything that runs and refuses new commands. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((stop) => stop(closedError(this.#label))));
  }
}

function closedError(label: string): CanopusError {
  return new CanopusError('shell/closed', `The connection to ${label} is closed.`, { label });
}

function timeoutError(program: string, label: string, timeoutMs: number): CanopusError {
  const seconds = timeoutMs / 1000;
  return new CanopusError('shell/timeout', `${program} on ${label} took longer than ${seconds} s.`, {
    program,
    seconds,
  });
}
