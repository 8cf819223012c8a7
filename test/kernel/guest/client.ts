import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** How to reach a guest's agent; plain values. */
export interface GuestAddress {
  readonly port: number;
  /** Port 22 of the guest, where a test may start an SSH server. */
  readonly sshPort: number;
  readonly token: string;
  /** A folder of this machine, seen and written by the guest as `guestShareDir`. */
  readonly shareDir: string;
  readonly consoleLog: string;
}

export const guestShareDir = '/run/share';
/** The loopback of this machine as the guest sees it (QEMU user networking). */
export const hostSeenFromGuest = '10.0.2.2';

export interface RunOptions {
  /** When it has passed the command's process group is killed and the run rejects; default 60 s. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Numeric user (and group) id; root where none is given. */
  readonly user?: number;
  readonly groups?: readonly number[];
}

export interface RunResult {
  /** 128 + number for a command that a signal ended, as a shell counts. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A device event of the guest's kernel, or the same one after udevd has run its rules. */
export interface Uevent {
  readonly source: 'kernel' | 'udev';
  /** The guest's CLOCK_MONOTONIC when the agent got it. */
  readonly monotonicMs: number;
  readonly properties: Readonly<Record<string, string>>;
}

interface Answer {
  readonly done?: true;
  readonly ready?: true;
  readonly failed?: string;
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly source?: Uevent['source'];
  readonly monotonicMs?: number;
  readonly properties?: Record<string, string>;
}

/** The running guest, from any process of this machine. One connection is one request; many may run at once. */
export class Guest {
  readonly address: GuestAddress;

  constructor(address: GuestAddress) {
    this.address = address;
  }

  /** Runs a shell command to its end. A failing command is a result, not an error. */
  async run(command: string, options: RunOptions = {}): Promise<RunResult> {
    return this.start(command, options).result;
  }

  /** Like `run`, but throws unless the command exits with 0. Returns its stdout. */
  async must(command: string, options: RunOptions = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(command, options);
    if (exitCode !== 0)
      throw new Error(`"${command}" exited with ${exitCode} in the guest:\n${stdout}${stderr}`);
    return stdout;
  }

  /** Starts a shell command whose output is followed while it runs. */
  start(command: string, options: RunOptions = {}): GuestProcess {
    const { timeoutMs = 60_000, ...rest } = options;
    return new GuestProcess(this.#ask({ op: 'run', command, ...rest }), command, timeoutMs);
  }

  /** Waits until a shell command exits with 0; it is tried again after every device event in the guest. */
  async until(command: string, timeoutMs = 30_000): Promise<void> {
    try {
      await this.#complete({ op: 'until', command }, timeoutMs);
    } catch (error) {
      throw new Error(`"${command}" did not become true in the guest`, { cause: error });
    }
  }

  /**
   * Plugs a USB/IP export of this machine's loopback into port `slot` (0 to 7) of the guest's virtual hub, which
   * makes it the port path `1-(slot + 1)`. Waits first until the kernel has let go what was there before.
   */
  async attach(slot: number, busid: string, port: number): Promise<void> {
    await this.#complete({ op: 'attach', slot, busid, host: hostSeenFromGuest, port }, 30_000);
  }

  /** Unplugs what is in the slot, if anything, and waits until the kernel has let it go. */
  async detach(slot: number): Promise<void> {
    await this.#complete({ op: 'detach', slot }, 30_000);
  }

  /** Unplugs everything: for the start of a test file. Commands end with the connections that started them. */
  async reset(): Promise<void> {
    for (let slot = 0; slot < 8; slot += 1) await this.detach(slot);
  }

  /** Calls `listener` with every device event until the returned function is called. */
  async watch(listener: (event: Uevent) => void): Promise<() => void> {
    const socket = this.#ask({ op: 'watch' });
    await new Promise<void>((resolve, reject) => {
      onAnswers(socket, ({ ready, source, monotonicMs, properties }) => {
        if (ready) resolve();
        if (source && monotonicMs !== undefined && properties) listener({ source, monotonicMs, properties });
      });
      socket.once('close', () => reject(new Error('the guest closed the connection')));
    });
    return () => socket.destroy();
  }

  async powerOff(): Promise<void> {
    await this.#complete({ op: 'powerOff' }, 10_000);
  }

  async #complete(request: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<void> {
    const socket = this.#ask(request);
    const op = String(request['op']);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.setTimeout(timeoutMs, () => reject(new Error(`${op}: no answer within ${timeoutMs} ms`)));
        socket.once('close', () => reject(new Error(`${op}: the guest closed the connection`)));
        onAnswers(socket, ({ done, failed }) => {
          if (done) resolve();
          if (failed !== undefined) reject(new Error(`${op}: ${failed}`));
        });
      });
    } finally {
      socket.destroy();
    }
  }

  #ask(request: Readonly<Record<string, unknown>>): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.address.port, noDelay: true });
    // Without a listener an error would end the process; every request listens for the `close` that follows.
    socket.on('error', () => undefined);
    send(socket, { token: this.address.token, ...request });
    return socket;
  }
}

/** A command running in the guest. */
export class GuestProcess {
  readonly result: Promise<RunResult>;
  readonly #socket: Socket;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<(line: string | null) => void>();
  #ended = false;

  constructor(socket: Socket, command: string, timeoutMs: number) {
    this.#socket = socket;
    this.result = this.#follow(command, timeoutMs);
    this.result.catch(() => undefined); // who only waits for a line need not look at the end
  }

  /** The first complete line of stdout, past or future, that fits. Rejects when the command ends without one. */
  async line(fits: (line: string) => boolean): Promise<string> {
    const known = this.#lines.find(fits);
    if (known !== undefined) return known;
    const line = await new Promise<string | null>((resolve) => {
      if (this.#ended) resolve(null);
      const listener = (next: string | null) => {
        if (next !== null && !fits(next)) return;
        this.#waiting.delete(listener);
        resolve(next);
      };
      this.#waiting.add(listener);
    });
    if (line !== null) return line;
    const { exitCode, stdout, stderr } = await this.result;
    throw new Error(`the command ended with ${exitCode} before the line came:\n${stdout}${stderr}`);
  }

  /** Calls `listener` with every further line of stdout. */
  onLine(listener: (line: string) => void): void {
    this.#waiting.add((line) => {
      if (line !== null) listener(line);
    });
  }

  kill(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
    send(this.#socket, { signal });
  }

  write(text: string): void {
    send(this.#socket, { stdin: Buffer.from(text).toString('base64') });
  }

  async #follow(command: string, timeoutMs: number): Promise<RunResult> {
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const text = (name: 'stdout' | 'stderr') => Buffer.concat(output[name]).toString();
    let partial = Buffer.alloc(0);
    const onStdout = (chunk: Buffer) => {
      partial = Buffer.concat([partial, chunk]);
      for (let end = partial.indexOf(10); end >= 0; end = partial.indexOf(10)) {
        this.#tell(partial.subarray(0, end).toString());
        partial = partial.subarray(end + 1);
      }
    };
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<RunResult>((resolve, reject) => {
        const fail = (what: string) =>
          reject(new Error(`"${command}" ${what}:\n${text('stdout')}${text('stderr')}`));
        timer = setTimeout(() => fail(`did not end within ${timeoutMs} ms`), timeoutMs);
        this.#socket.once('close', () => fail('was cut off: the guest went away'));
        onAnswers(this.#socket, (answer) => {
          for (const name of ['stdout', 'stderr'] as const) {
            if (answer[name] !== undefined) output[name].push(Buffer.from(answer[name], 'base64'));
          }
          if (answer.stdout !== undefined) onStdout(Buffer.from(answer.stdout, 'base64'));
          if (answer.failed !== undefined) fail(answer.failed);
          if (answer.done) {
            resolve({ exitCode: answer.exitCode ?? -1, stdout: text('stdout'), stderr: text('stderr') });
          }
        });
      });
    } finally {
      clearTimeout(timer);
      this.#ended = true;
      this.#tell(null);
      this.#socket.destroy();
    }
  }

  #tell(line: string | null): void {
    if (line !== null) this.#lines.push(line);
    for (const listener of this.#waiting) listener(line);
  }
}

function send(socket: Socket, message: Readonly<Record<string, unknown>>): void {
  socket.write(JSON.stringify(message) + '\n');
}

function onAnswers(socket: Socket, listener: (answer: Answer) => void): void {
  createInterface({ input: socket }).on('line', (line) => {
    listener(JSON.parse(line) as Answer);
  });
}
