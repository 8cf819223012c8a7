import type { RunOptions, RunResult, ShellCommand } from '../../../app/transport/shell.ts';
import type { ConnectMoonraker } from '../../../main/pi/moonraker.ts';
import { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';

/** Counts how often the Pi is asked and waited for: simultaneous requests count once. */
export class Exchanges {
  #waiting = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  begin(): void {
    if (this.#waiting === 0) this.#count += 1;
    this.#waiting += 1;
  }

  end(): void {
    this.#waiting -= 1;
  }

  /** Counts what goes over a forwarded connection, from its opening to its reply. */
  over(connect: (host: string, port: number) => ReturnType<ConnectMoonraker>): typeof connect {
    return async (host, port) => {
      this.begin();
      try {
        const pipe = await connect(host, port);
        // The asker destroys it once the reply is there; the far end reports only later that it is closed.
        const destroy = pipe.destroy.bind(pipe);
        let isOver = false;
        pipe.destroy = (error) => {
          if (!isOver) this.end();
          isOver = true;
          return destroy(error);
        };
        return pipe;
      } catch (error) {
        this.end();
        throw error;
      }
    };
  }
}

/** A login whose commands are counted. */
export class CountedShell extends SshShell {
  readonly #exchanges: Exchanges;

  constructor(connection: ConstructorParameters<typeof SshShell>[0], exchanges: Exchanges) {
    super(connection);
    this.#exchanges = exchanges;
  }

  override async run(command: ShellCommand, options: RunOptions): Promise<RunResult> {
    this.#exchanges.begin();
    try {
      return await super.run(command, options);
    } finally {
      this.#exchanges.end();
    }
  }
}
