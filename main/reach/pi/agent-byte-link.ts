import * as z from 'zod/mini';
import { untilAborted } from '../../../app/aborted.ts';
import type { CanopusError } from '../../../app/errors.ts';
import type { ByteLink, ByteReplies, ByteRequest } from '../../../app/transport/byte-link.ts';
import type { ReadOptions } from '../../devices/pending-reads.ts';
import { ReceivedBytes } from '../../devices/received-bytes.ts';
import { AgentRefusal, type AgentClient } from './agent-client.ts';
import { agentError, namedError, whenOpening } from './agent-errors.ts';

const opened = z.looseObject({ link: z.int() });
const replies = z.looseObject({ sent: z.int(), why: z.nullable(z.string()) });

/** The agent says which program or console it is. */
const uartMeanings = (reason: string) =>
  ({
    missing: { code: 'uart/missing', text: reason },
    console: { code: 'uart/console', text: reason },
    used: { code: 'uart/in-use', text: reason },
  }) as const;

/** A serial port of a Pi, opened by the agent there. What it receives comes without being asked for. */
export class AgentByteLink implements ByteLink {
  readonly label: string;
  readonly #client: AgentClient;
  readonly #link: number;
  readonly #received: ReceivedBytes;
  #failure: CanopusError | null = null;
  #closing: Promise<void> | null = null;

  private constructor(client: AgentClient, label: string, link: number) {
    this.#client = client;
    this.#link = link;
    this.label = label;
    this.#received = new ReceivedBytes(label, client.clock);
    client.follow(link, {
      onData: (bytes) => this.#received.push(bytes),
      onFailed: (reason) => this.#fail(reason),
    });
  }

  /** Throws `link/access`, `link/busy`, `link/gone`, `shell/lost`. */
  static async open(client: AgentClient, tty: string, baudRate: number): Promise<AgentByteLink> {
    return await this.#open(client, tty, 'serial.open', { tty, baud: baudRate });
  }

  /**
   * Opens a port that a microcontroller is wired to, by its name below /dev. Throws as `open`, and `uart/missing`,
   * `uart/console`, `uart/in-use`.
   */
  static async openUart(client: AgentClient, name: string, baudRate: number): Promise<AgentByteLink> {
    return await this.#open(client, name, 'uart.open', { name, baud: baudRate });
  }

  static async #open(
    client: AgentClient,
    name: string,
    verb: 'serial.open' | 'uart.open',
    order: Readonly<Record<string, string | number>>,
  ): Promise<AgentByteLink> {
    const label = `${name} of ${client.label}`;
    try {
      const { header } = await client.request(verb, order);
      return new AgentByteLink(client, label, opened.parse(header).link);
    } catch (error) {
      const reason = error instanceof AgentRefusal ? error.message : '';
      throw agentError(error, label, { ...whenOpening, ...uartMeanings(reason) });
    }
  }

  /** A write in progress continues on abort: a device must not get half a message. */
  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#mustBeOpen();
    const writing = this.#client.request('serial.write', { link: this.#link }, bytes).then(
      () => undefined,
      (error: unknown) => {
        throw this.#translated(error);
      },
    );
    await untilAborted(writing, signal);
  }

  read(options: ReadOptions): Promise<Uint8Array> {
    return this.#received.read(options);
  }

  async exchange(
    list: readonly ByteRequest[],
    { window, refill }: { readonly window: number; readonly refill: number },
  ): Promise<ByteReplies> {
    this.#mustBeOpen();
    const requests = list.map(({ bytes, replyBegins, replyLength, timeoutMs }) => ({
      send: bytes.length,
      begins: Buffer.from(replyBegins).toString('hex'),
      length: replyLength,
      timeoutMs: Math.max(1, Math.ceil(timeoutMs)),
    }));
    const data = new Uint8Array(Buffer.concat(list.map(({ bytes }) => bytes)));
    try {
      const order = { link: this.#link, window, refill, requests };
      const reply = await this.#client.request('serial.requests', order, data);
      const { sent, why } = replies.parse(reply.header);
      return { sent, bytes: reply.data, isSilent: why === 'silence' };
    } catch (error) {
      throw this.#translated(error);
    }
  }

  close(): Promise<void> {
    if (this.#closing === null) {
      this.#received.end(namedError('closed', this.label));
      this.#closing = this.#client.closeLink(this.#link);
    }
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #fail(reason: string): void {
    if (this.#failure !== null || this.#closing !== null) return;
    this.#failure = this.#client.ended ?? namedError(reason, this.label);
    this.#received.end(this.#failure);
  }

  #translated(error: unknown): CanopusError {
    if (this.#closing !== null) return namedError('closed', this.label);
    return this.#failure ?? agentError(error, this.label);
  }

  #mustBeOpen(): void {
    if (this.#closing !== null) throw namedError('closed', this.label);
    if (this.#failure !== null) throw this.#failure;
  }
}
