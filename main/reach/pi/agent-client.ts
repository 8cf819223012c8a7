import * as z from 'zod/mini';
import { CanopusError, toCanopusError } from '../../../app/errors.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { AgentChannel } from './agent-channel.ts';
import { AgentFrameReader, encodeAgentMessage, type AgentHeader, type AgentMessage } from './agent-frames.ts';

/** A reply, or a message about a link or about everything. */
const message = z.looseObject({
  id: z.optional(z.int()),
  on: z.optional(z.string()),
  link: z.optional(z.int()),
  error: z.optional(z.nullable(z.string())),
  text: z.optional(z.string()),
});

const ready = z.looseObject({ on: z.literal('ready'), version: z.literal(1), uid: z.int() });

interface Pending {
  readonly resolve: (reply: AgentMessage) => void;
  readonly reject: (error: Error) => void;
}

/** What happens on an open link without being asked for. */
export interface LinkEvents {
  onData(bytes: Uint8Array): void;
  onFailed(name: string): void;
}

/** How often the agent hears that this side is there. */
const pingMs = 5_000;
/** How long it waits for that before it cleans up and ends: a broken connection is not always reported to it. */
export const silenceMs = 30_000;
const startMs = 30_000;

/** A failed request, by the agent's name for it: the name of an `errno`, or one of its own words. */
export class AgentRefusal extends Error {
  readonly reason: string;
  readonly data: Uint8Array;

  constructor(name: string, text: string, data: Uint8Array) {
    super(text === '' ? name : `${text} (${name})`);
    this.reason = name;
    this.data = data;
  }
}

/** Requests to one running agent, and what it reports without being asked. Ends with its channel. */
export class AgentClient {
  readonly label: string;
  readonly clock: Clock;
  readonly #channel: AgentChannel;
  readonly #reader = new AgentFrameReader();
  readonly #pending = new Map<number, Pending>();
  readonly #links = new Map<number, LinkEvents>();
  readonly #hints = new Set<() => void>();
  readonly #stopped = new AbortController();
  #uid = -1;
  #count = 0;
  #end: CanopusError | null = null;

  private constructor(channel: AgentChannel, clock: Clock) {
    this.label = channel.label;
    this.clock = clock;
    this.#channel = channel;
  }

  /** Resolves when the agent is ready. Throws what ended its channel, `shell/timeout` and `link/protocol`. */
  static async open(channel: AgentChannel, clock: Clock): Promise<AgentClient> {
    const client = new AgentClient(channel, clock);
    const isReady = new Promise<number>((resolve, reject) => {
      client.#ready = resolve;
      void channel.ended.then((error) => {
        client.#finish(toCanopusError(error));
        reject(error);
      });
    });
    channel.onData = (bytes) => client.#take(bytes);
    const late = new AbortController();
    const tooLate = clock.sleep(startMs, late.signal).then(
      () => null,
      () => null,
    );
    try {
      const uid = await Promise.race([isReady, tooLate]);
      if (uid === null) {
        const message = `The program on ${channel.label} did not start within ${startMs / 1000} s.`;
        throw new CanopusError('shell/timeout', message, { program: 'python3', seconds: startMs / 1000 });
      }
      client.#uid = uid;
      await client.request('hello', { silenceMs });
      void client.#ping();
      return client;
    } catch (error) {
      isReady.catch(() => undefined);
      await client.close();
      throw error;
    } finally {
      late.abort();
    }
  }

  /** The user that it runs as; 0 is root. */
  get uid(): number {
    return this.#uid;
  }

  /** Why it has ended; null while it runs. */
  get ended(): CanopusError | null {
    return this.#end;
  }

  /** Resolves when the agent has ended. */
  get whenEnded(): Promise<unknown> {
    return this.#channel.ended;
  }

  /** Sends one request; throws an `AgentRefusal` if the agent refuses it, `shell/lost` or what else ended the agent. */
  request(verb: string, fields: AgentHeader = {}, data?: Uint8Array): Promise<AgentMessage> {
    return this.start(verb, fields, data).reply;
  }

  /** Like `request`, for one that can be named in another, such as its cancel. */
  start(
    verb: string,
    fields: AgentHeader = {},
    data?: Uint8Array,
  ): { readonly id: number; readonly reply: Promise<AgentMessage> } {
    this.#count += 1;
    const id = this.#count;
    const reply = new Promise<AgentMessage>((resolve, reject) => {
      if (this.#end !== null) {
        reject(this.#end);
        return;
      }
      this.#pending.set(id, { resolve, reject });
      try {
        this.#channel.write(encodeAgentMessage({ ...fields, id, do: verb }, data));
      } catch (error) {
        this.#pending.delete(id);
        reject(toCanopusError(error));
      }
    });
    return { id, reply };
  }

  /** Has what happens on a link reported until it is closed. */
  follow(link: number, events: LinkEvents): void {
    this.#links.set(link, events);
    if (this.#end !== null) events.onFailed('lost');
  }

  /** Closes a link on the Pi; never throws. */
  async closeLink(link: number): Promise<void> {
    this.#links.delete(link);
    await this.request('close', { link }).catch(() => undefined);
  }

  /** Calls `hint` whenever a new scan could find something else, until the returned function is called. */
  onHint(hint: () => void): () => void {
    this.#hints.add(hint);
    return () => this.#hints.delete(hint);
  }

  /** Ends the agent; resolves when nothing of it is left on the Pi. */
  async close(): Promise<void> {
    this.#finish(
      new CanopusError('link/closed', `The program on ${this.label} was ended.`, { label: this.label }),
    );
    await this.#channel.close();
  }

  #ready: (uid: number) => void = () => undefined;

  async #ping(): Promise<void> {
    while (this.#end === null) {
      try {
        await this.clock.sleep(pingMs, this.#stopped.signal);
      } catch {
        return;
      }
      this.start('ping').reply.catch(() => undefined);
    }
  }

  #take(bytes: Uint8Array): void {
    if (this.#end !== null) return;
    try {
      for (const each of this.#reader.push(bytes)) this.#handle(each);
    } catch (error) {
      this.#finish(toCanopusError(error));
      void this.#channel.close();
    }
  }

  #handle(received: AgentMessage): void {
    const known = message.safeParse(received.header);
    if (!known.success)
      throw new CanopusError('link/protocol', 'The program on the Pi sent an unknown message.');
    const { id, on, link, error } = known.data;
    if (id !== undefined) {
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      if (typeof error !== 'string') pending?.resolve(received);
      else pending?.reject(refusalOf(error, known.data.text ?? '', received.data));
      return;
    }
    const events = link === undefined ? undefined : this.#links.get(link);
    if (on === 'hint') for (const hint of [...this.#hints]) hint();
    if (on === 'bytes' || on === 'frames') events?.onData(received.data);
    if (on === 'failed') events?.onFailed(error ?? 'EIO');
    if (on === 'ready') this.#ready(ready.parse(received.header).uid);
  }

  #finish(error: CanopusError): void {
    if (this.#end !== null) return;
    this.#end = error;
    this.#stopped.abort();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    for (const events of this.#links.values()) events.onFailed('lost');
    this.#links.clear();
  }
}

function refusalOf(name: string, text: string, data: Uint8Array): AgentRefusal {
  return new AgentRefusal(name, text, data);
}
