import { CanopusError, toCanopusError } from '../errors.ts';
import type { Clock } from '../transport/clock.ts';
import { crossableError } from './crossable-error.ts';
import type { Call, CallContext, Contract, Handlers, ReplayContext, Schema, Stream } from './define.ts';
import { parseClientFrame, toWireError, type ClientFrame, type ServerFrame } from './frames.ts';
import { defaultLimits, RateLimit, type ServerLimits } from './limits.ts';
import { OpenAsk } from './open-ask.ts';
import type { TextLink } from './text-link.ts';

export interface ServeOptions {
  readonly clock: Clock;
  readonly limits?: Partial<ServerLimits>;
  /** Called with what a handler threw or returned against the contract; returns its id in the log. */
  onInternalError(error: unknown, name: string): string;
  /** Called for every refusal of something the client should not have sent. */
  onRefused?(error: CanopusError): void;
}

export interface Served {
  /** Ends all open asks of this client; the work that they started continues. */
  close(reason: string): void;
}

type AnyHandler = (input: unknown, context: CallContext | ReplayContext) => unknown;

/** Serves a contract to the one client at the other end of the link, until either side closes it. */
export function serveContract<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  link: TextLink,
  options: ServeOptions,
): Served {
  const server = new ContractServer(contract, new Map(Object.entries(handlers)), link, options);
  link.open(server);
  return server;
}

class ContractServer implements Served {
  readonly #contract: Contract;
  readonly #handlers: ReadonlyMap<string, AnyHandler>;
  readonly #link: TextLink;
  readonly #options: ServeOptions;
  readonly #limits: ServerLimits;
  readonly #open = new Map<number, OpenAsk>();
  readonly #askRate: RateLimit;
  readonly #textRate: RateLimit;
  #lastId = 0;
  #closed = false;

  constructor(
    contract: Contract,
    handlers: ReadonlyMap<string, AnyHandler>,
    link: TextLink,
    options: ServeOptions,
  ) {
    this.#contract = contract;
    this.#handlers = handlers;
    this.#link = link;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#askRate = new RateLimit(this.#limits.asksPerSecond, options.clock.nowMs());
    this.#textRate = new RateLimit(this.#limits.textsPerSecond, options.clock.nowMs());
  }

  text(text: string): void {
    if (this.#closed) return;
    try {
      if (text.length > this.#limits.maxTextLength) {
        throw new CanopusError(
          'contract/too-large',
          `The client sent ${text.length} characters at once, at most ${this.#limits.maxTextLength} are accepted.`,
        );
      }
      if (!this.#textRate.take(this.#options.clock.nowMs())) {
        throw new CanopusError(
          'contract/too-many',
          `The client sent more than ${this.#limits.textsPerSecond} texts a second.`,
        );
      }
      this.#frame(parseClientFrame(text));
    } catch (thrown) {
      const error = toCanopusError(thrown);
      this.#options.onRefused?.(error);
      this.close(error.code);
    }
  }

  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const ask of this.#open.values()) ask.end();
    this.#open.clear();
  }

  close(reason: string): void {
    this.closed();
    this.#link.close(reason);
  }

  #frame(frame: ClientFrame): void {
    if (frame.type === 'ask' && 'name' in frame) {
      this.#ask(frame);
      return;
    }
    if (frame.id > this.#lastId) {
      throw new CanopusError(
        'contract/protocol',
        `The client sent ${frame.type} for ${frame.id}, which it never asked.`,
      );
    }
    const ask = this.#open.get(frame.id);
    // It ended while the frame was in flight.
    if (ask === undefined) return;
    if (frame.type === 'stop') {
      this.#fail(frame.id, new CanopusError('cancelled', 'The client stopped asking.'));
      return;
    }
    this.#credit(ask, frame.credit);
  }

  #credit(ask: OpenAsk, credit: number): void {
    if (ask.credit + credit > this.#limits.maxCredit) {
      throw new CanopusError(
        'contract/protocol',
        `The client asked for ${ask.credit + credit} events ahead, at most ${this.#limits.maxCredit} are sent.`,
      );
    }
    ask.grant(credit);
  }

  #ask(frame: Extract<ClientFrame, { name: string }>): void {
    if (frame.id <= this.#lastId) {
      throw new CanopusError(
        'contract/protocol',
        `The client used the id ${frame.id} after ${this.#lastId}.`,
      );
    }
    this.#lastId = frame.id;
    const ask = new OpenAsk();
    this.#open.set(frame.id, ask);
    try {
      this.#credit(ask, frame.credit);
      this.#start(frame, ask);
    } catch (thrown) {
      const error = toCanopusError(thrown);
      if (error.code === 'contract/protocol') throw error;
      this.#options.onRefused?.(error);
      this.#fail(frame.id, error);
    }
  }

  #start(frame: Extract<ClientFrame, { name: string }>, ask: OpenAsk): void {
    const { id, name } = frame;
    if (this.#open.size > this.#limits.maxOpenAsks || !this.#askRate.take(this.#options.clock.nowMs())) {
      throw new CanopusError('contract/too-many', `Too many calls at once: ${name} is refused.`, {
        name,
      });
    }
    const entry = Object.hasOwn(this.#contract, name) ? this.#contract[name] : undefined;
    const handler = this.#handlers.get(name);
    if (entry === undefined || handler === undefined) {
      throw new CanopusError('contract/unknown-name', `There is no call named ${JSON.stringify(name)}.`, {
        name,
      });
    }
    const input = entry.input.safeParse(frame.input);
    if (!input.success) throw invalid('contract/invalid-input', `The question to ${name}`, input.error);
    if (entry.kind === 'call') void this.#answer(id, name, entry, handler, input.data, ask);
    else void this.#stream(frame, entry, handler, input.data, ask);
  }

  async #answer(
    id: number,
    name: string,
    entry: Call,
    handler: AnyHandler,
    input: unknown,
    ask: OpenAsk,
  ): Promise<void> {
    try {
      const value = await handler(input, { signal: ask.signal });
      if (!ask.ended)
        this.#end(
          id,
          { type: 'done', id, value: this.#checked(entry.output, value === undefined ? null : value, name) },
          name,
        );
    } catch (thrown) {
      if (!ask.ended) this.#fail(id, this.#named(thrown, name));
    }
  }

  async #stream(
    { id, name, after }: Extract<ClientFrame, { name: string }>,
    entry: Stream,
    handler: AnyHandler,
    input: unknown,
    ask: OpenAsk,
  ): Promise<void> {
    let iterator: AsyncIterator<unknown> | null = null;
    try {
      const context = entry.replay ? { signal: ask.signal, after } : { signal: ask.signal };
      iterator = iteratorOf(handler(input, context));
      let seq = entry.replay ? after : 0;
      // The handler is asked for its next event only when that may be sent, so it can skip or merge events for a slow
      // client.
      while (await ask.credited()) {
        const step = await iterator.next();
        if (ask.ended) break;
        if (step.done === true) {
          this.#end(id, { type: 'done', id, value: null }, name);
          break;
        }
        const { number, event } = entry.replay
          ? numbered(step.value, seq, name)
          : { number: seq + 1, event: step.value };
        seq = number;
        this.#send({ type: 'next', id, seq, value: this.#checked(entry.event, event, name) }, name);
        ask.spend();
      }
    } catch (thrown) {
      if (!ask.ended) this.#fail(id, this.#named(thrown, name));
    } finally {
      await iterator?.return?.().catch((error: unknown) => void this.#named(error, name));
    }
  }

  #checked(schema: Schema, value: unknown, name: string): unknown {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw new Error(invalid('internal', `The reply to ${name}`, result.error).message);
  }

  #named(thrown: unknown, name: string): CanopusError {
    return crossableError(thrown, name, (error, where) => this.#options.onInternalError(error, where));
  }

  #end(id: number, frame: ServerFrame, name: string): void {
    this.#send(frame, name);
    this.#open.get(id)?.end();
    this.#open.delete(id);
  }

  #fail(id: number, error: CanopusError): void {
    const ask = this.#open.get(id);
    ask?.end();
    this.#open.delete(id);
    if (!this.#closed)
      this.#link.send(JSON.stringify({ type: 'fail', id, error: toWireError(error) } satisfies ServerFrame));
  }

  #send(frame: ServerFrame, name: string): void {
    if (this.#closed) return;
    const text = JSON.stringify(frame);
    if (text.length > this.#limits.maxTextLength) {
      throw new CanopusError('contract/too-large', `The reply to ${name} has ${text.length} characters.`);
    }
    this.#link.send(text);
  }
}

function iteratorOf(value: unknown): AsyncIterator<unknown> {
  if (isAsyncIterable(value)) return value[Symbol.asyncIterator]();
  throw new Error('the handler of a stream returns an async iterable');
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function numbered(value: unknown, seq: number, name: string): { number: number; event: unknown } {
  if (typeof value === 'object' && value !== null && 'seq' in value && 'event' in value) {
    if (typeof value.seq === 'number' && value.seq > seq) return { number: value.seq, event: value.event };
  }
  throw new Error(`${name} numbers its events wrongly after ${seq}`);
}

function invalid(
  code: 'contract/invalid-input' | 'internal',
  what: string,
  error: { issues: readonly { path: readonly PropertyKey[]; code?: string | undefined }[] },
): CanopusError {
  const fields = error.issues.map((issue) => issue.path.map(String).join('.') || '(all of it)');
  return new CanopusError(code, `${what} does not match the contract: ${fields.slice(0, 5).join(', ')}.`, {
    fields,
  });
}
