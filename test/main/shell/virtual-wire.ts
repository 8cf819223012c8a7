import { EventEmitter } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import type { Client } from 'ssh2';
import type { SshConnection } from '../../../main/shell/ssh/ssh-connection.ts';

/** A session of the far end: a login shell that comes to the station's reader and ends with what it is given. */
class VirtualChannel extends Duplex {
  readonly stderr = new PassThrough();
  readonly received: string[] = [];
  /** Whether its login shell has ended by the time a command arrives. */
  endsFirst = false;
  readonly #wire: VirtualWire;
  readonly #mark: string;

  constructor(wire: VirtualWire, line: string) {
    // A channel is closed when the far end says so.
    super({ emitClose: false, autoDestroy: false });
    this.#wire = wire;
    this.#mark = `\x01${line.split(' ').at(-1)}`;
    this.push(`${this.#mark}\n`);
  }

  override _read(): void {
    // What comes is pushed.
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.received.push(chunk.toString());
    done();
  }

  override _final(done: () => void): void {
    done();
    this.#wire.reply(() => this.#answer());
  }

  /** Runs nothing: a command says its group, prints how many round trips the wire has made, and ends. */
  #answer(): void {
    if (!this.endsFirst) {
      this.stderr.push(`${this.#mark} 4711\n`);
      this.push(`${this.#wire.roundTrips}`);
    }
    this.finish(this.endsFirst ? 1 : 0);
  }

  finish(exitCode: number): void {
    this.emit('exit', exitCode);
    this.push(null);
    setImmediate(() => this.emit('close'));
  }
}

/** A connection whose replies come one round trip after what they reply to; time is counted, and does not pass. */
export class VirtualWire {
  roundTrips = 0;
  readonly channels: VirtualChannel[] = [];
  readonly pipes: Duplex[] = [];
  #replies: (() => void)[] = [];
  readonly #client = new EventEmitter();

  /** What the far end does when the packet has arrived, seen here one round trip later. */
  reply(action: () => void): void {
    this.#replies.push(action);
  }

  readonly connection: SshConnection = {
    label: 'pi@far',
    client: Object.assign(this.#client, {
      // RFC 4254: a session is opened and confirmed, then the command is requested and confirmed.
      exec: (line: string, done: (error: undefined, channel: VirtualChannel) => void): void => {
        this.reply(() =>
          this.reply(() => {
            const channel = new VirtualChannel(this, line);
            this.channels.push(channel);
            done(undefined, channel);
          }),
        );
      },
      forwardOut: (...words: unknown[]): void => {
        const done = words.at(-1) as (error: undefined, channel: Duplex) => void;
        this.reply(() => done(undefined, this.#pipe()));
      },
      end: (): void => void this.#client.emit('close'),
      destroy: (): void => undefined,
    }) as unknown as Client,
    farewell: () => null,
    takesSessionsAhead: true,
    end: (): void => void this.#client.emit('close'),
  };

  #pipe(): Duplex {
    const pipe = new PassThrough();
    this.pipes.push(pipe);
    return pipe;
  }

  /** Lets replies come until `work` is done; returns how many round trips that took. */
  async roundTripsOf(work: Promise<unknown>): Promise<number> {
    const from = this.roundTrips;
    const state = { isOver: false };
    const over = (): void => {
      state.isOver = true;
    };
    work.then(over, over);
    for (let turn = 0; turn < 100; turn += 1) {
      await settle();
      if (state.isOver) {
        await work;
        return this.roundTrips - from;
      }
      this.#turn();
    }
    throw new Error('it does not end');
  }

  /** Lets everything come that is on its way. */
  async settle(): Promise<void> {
    await settle();
    while (this.#replies.length > 0) {
      this.#turn();
      await settle();
    }
  }

  #turn(): void {
    this.roundTrips += 1;
    for (const action of this.#replies.splice(0)) action();
  }
}

/** Everything that this side does without waiting for the other. */
async function settle(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
}
