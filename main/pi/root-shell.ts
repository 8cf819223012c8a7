import { CanopusError } from '../../app/errors.ts';
import type { PiFacts } from '../../app/pi/facts.ts';
import { quoted } from '../../app/quoted.ts';
import { startedWord } from '../../app/pi/step-scripts.ts';
import type { RunResult, Shell } from '../../app/transport/shell.ts';

const checkMs = 30_000;
const passwordAttempts = 3;
/** The end of what sudo says: before that it may lecture. */
const maxSaid = 300;

/**
 * Scripts on a Pi, as the user who logged in or as root. The password stays in memory, is written only to sudo's
 * standard input, and is dropped with the connection.
 */
export class RootShell {
  readonly #shell: Shell;
  #way: 'locked' | 'plain' | 'sudo' = 'locked';
  #password: string | null = null;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  get unlocked(): boolean {
    return this.#way !== 'locked';
  }

  /** Finds out how to become root. See `PiHost.unlockRoot`. */
  async unlock(facts: PiFacts, ask: (attempt: number) => Promise<string | null>): Promise<void> {
    if (this.#way !== 'locked') return;
    switch (facts.sudo) {
      case 'root':
        this.#way = 'plain';
        return;
      case 'free':
        this.#way = 'sudo';
        return;
      case 'none':
        throw new CanopusError('pi/sudo-missing', `${facts.user} may not use sudo`, { user: facts.user });
      case 'password':
        await this.#unlockWithPassword(facts.user, ask);
    }
  }

  async #unlockWithPassword(user: string, ask: (attempt: number) => Promise<string | null>): Promise<void> {
    let said = '';
    for (let attempt = 1; attempt <= passwordAttempts; attempt += 1) {
      const password = await ask(attempt);
      if (password === null) {
        const message = `sudo needs the password of ${user}, and none was given${said === '' ? '' : `; it said: ${said}`}`;
        throw new CanopusError(attempt === 1 ? 'pi/sudo-password-needed' : 'pi/sudo-refused', message, {
          user,
        });
      }
      // One line only: sudo reads further lines for further attempts, and three wrong ones may lock the account.
      const { exitCode, stderr } = await this.#shell.run(
        {
          env: { LC_ALL: 'C' },
          argv: ['sudo', '-k', '-S', '-p', '', '--', 'true'],
          stdin: new TextEncoder().encode(`${password}\n`),
        },
        { timeoutMs: checkMs },
      );
      if (exitCode === 0) {
        this.#way = 'sudo';
        this.#password = password;
        return;
      }
      said = quoted(stderr.slice(-maxSaid));
      // Another password would not help. sudo has one exit code for everything; words that are not known cost a question.
      if (/not in the sudoers file|may not run sudo|not allowed to (?:run|execute)/.test(stderr)) {
        throw new CanopusError('pi/sudo-missing', `${user} may not use sudo; it said: ${said}`, {
          user,
          said,
        });
      }
    }
    const message = `sudo refused ${passwordAttempts} passwords of ${user}; it said: ${said}`;
    throw new CanopusError('pi/sudo-refused', message, { user, said });
  }

  /**
   * Runs a script that prints `startedWord` first, with its own standard input. Throws `pi/sudo-refused` if it never
   * started as root.
   */
  async run(
    script: string,
    args: readonly string[],
    options: {
      readonly asRoot: boolean;
      readonly timeoutMs: number;
      readonly stdin?: Uint8Array;
      readonly signal?: AbortSignal | undefined;
      /** Fails if the script prints more; if missing, the beginning of what it prints is enough. */
      readonly maxBytes?: number;
    },
  ): Promise<RunResult> {
    const plain = ['sh', '-c', script, 'sh', ...args] as const;
    const viaSudo = options.asRoot && this.#way !== 'plain';
    if (viaSudo && this.#way === 'locked') {
      throw new CanopusError('pi/sudo-password-needed', 'a step needs root, and sudo is locked');
    }
    const password =
      viaSudo && this.#password !== null ? new TextEncoder().encode(`${this.#password}\n`) : null;
    const stdin = password ?? options.stdin;
    const result = await this.#shell.run(
      { argv: viaSudo ? ['sudo', '-S', '-p', '', '--', ...plain] : plain, ...(stdin ? { stdin } : {}) },
      {
        ...{ timeoutMs: options.timeoutMs, signal: options.signal },
        captureBytes: options.maxBytes ?? 256 << 10,
        ...(options.maxBytes === undefined ? {} : { overflow: 'fail' as const }),
      },
    );
    if (!result.stdout.startsWith(`${startedWord}\n`)) {
      const said = quoted(result.stderr.slice(-maxSaid));
      const code = viaSudo ? 'pi/sudo-refused' : 'pi/step-failed';
      const message = `${viaSudo ? 'sudo' : 'sh'} on ${this.#shell.label} ended with ${result.exitCode} before it ran anything${said === '' ? '' : `: ${said}`}`;
      throw new CanopusError(code, message, { exitCode: result.exitCode });
    }
    return { ...result, stdout: result.stdout.slice(startedWord.length + 1) };
  }
}
