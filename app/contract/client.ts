import { CanopusError, toCanopusError } from '../errors.ts';
import type { Clock } from '../transport/clock.ts';
import { ClientSession } from './client-session.ts';
import type { CallName, Contract, EventOf, InputOf, OutputOf, Schema, StreamName } from './define.ts';
import { EventQueue } from './event-queue.ts';
import type { TextLink } from './text-link.ts';

/** `connecting` also after a link was lost; `closed` only after `close`. */
export type ClientStatus = 'connecting' | 'connected' | 'closed';

interface ClientOptions {
  /** Makes a new link; called again, after a pause, if one was lost or could not be made. */
  connect(signal: AbortSignal): Promise<TextLink>;
  readonly clock: Clock;
  /** Pauses before the tries after a loss; the last one repeats. */
  readonly retryDelaysMs?: readonly number[];
}

interface AskOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Events in flight while the consumer works on one. */
const streamWindow = 64;

const defaultRetryDelaysMs = [0, 250, 500, 1000, 2000];

/**
 * The client's end of a contract, over one link after the other.
 *
 * A call whose link is lost throws `contract/disconnected`, as it is unknown whether it was done; a stream continues
 * over the next link. Asks made without a link wait for it.
 */
export class ContractClient<C extends Contract> {
  readonly #contract: C;
  readonly #options: ClientOptions;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<(status: ClientStatus) => void>();
  readonly #waiting = new Set<() => void>();
  #session: ClientSession | null = null;
  #status: ClientStatus = 'connecting';

  constructor(contract: C, options: ClientOptions) {
    this.#contract = contract;
    this.#options = options;
    void this.#connect();
  }

  get status(): ClientStatus {
    return this.#status;
  }

  /** Calls the listener with every change, until the returned function is called. */
  onStatus(listener: (status: ClientStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Throws what the station threw, `cancelled` after an abort, or a `contract/…` code. */
  async call<N extends CallName<C>>(
    name: N,
    input: InputOf<C, N>,
    { signal }: AskOptions = {},
  ): Promise<OutputOf<C, N>> {
    const session = await this.#connected(signal);
    return await new Promise<OutputOf<C, N>>((resolve, reject) => {
      const entry = this.#contract[name];
      const onAbort = (): void => {
        question.stop();
        reject(cancelled());
      };
      const settle = (): void => signal?.removeEventListener('abort', onAbort);
      const question = session.ask(
        { name, input, credit: 0, after: 0 },
        {
          next: () => session.close('contract/protocol'),
          done: (value) => {
            settle();
            try {
              if (entry?.kind === 'call') resolve(checked(entry.output, value, name) as OutputOf<C, N>);
            } catch (error) {
              reject(toCanopusError(error));
            }
          },
          fail: (error) => {
            settle();
            reject(error);
          },
          lost: () => {
            settle();
            reject(
              new CanopusError(
                'contract/disconnected',
                `The connection was lost before the reply to ${name}.`,
              ),
            );
          },
        },
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * The events of a stream, until it ends, the signal is aborted (`cancelled`) or the consumer leaves the loop. A slow
   * consumer makes the station wait.
   */
  async *stream<N extends StreamName<C>>(
    name: N,
    input: InputOf<C, N>,
    { signal }: AskOptions = {},
  ): AsyncGenerator<EventOf<C, N>, void, void> {
    const entry = this.#contract[name];
    if (entry?.kind !== 'stream') return;
    let seen = 0;
    for (;;) {
      const session = await this.#connected(signal);
      const queue = new EventQueue<unknown>();
      // Without replay each link starts the numbers again.
      let last = entry.replay ? seen : 0;
      const question = session.ask(
        { name, input, credit: streamWindow, after: last },
        {
          next: (seq, value) => {
            if (seq <= last) session.close('contract/protocol');
            else queue.push(value);
            last = Math.max(last, seq);
          },
          done: () => queue.end('done'),
          fail: (error) => queue.fail(error),
          lost: () => queue.end('lost'),
        },
      );
      let taken = 0;
      try {
        for (;;) {
          const item = await queue.take(signal);
          if (item.type === 'done') return;
          if (item.type === 'lost') break;
          yield checked(entry.event, item.value, name) as EventOf<C, N>;
          taken += 1;
          if (taken < streamWindow / 2) continue;
          question.more(taken);
          taken = 0;
        }
      } finally {
        question.stop();
      }
      seen = last;
    }
  }

  /** Ends everything that is open with `contract/disconnected`. */
  close(): void {
    if (this.#status === 'closed') return;
    this.#set('closed');
    this.#stop.abort();
    this.#session?.close('closed');
    for (const wake of this.#waiting) wake();
  }

  #set(status: ClientStatus): void {
    if (this.#status === status || this.#status === 'closed') return;
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }

  async #connect(): Promise<void> {
    const delays = this.#options.retryDelaysMs ?? defaultRetryDelaysMs;
    for (let attempt = 0; this.#status !== 'closed'; attempt++) {
      try {
        const delayMs = delays[Math.min(attempt, delays.length - 1)] ?? 0;
        if (delayMs > 0) await this.#options.clock.sleep(delayMs, this.#stop.signal);
        const link = await this.#options.connect(this.#stop.signal);
        if (this.#stop.signal.aborted) {
          link.close('closed');
          return;
        }
        this.#session = new ClientSession(link, () => this.#lost());
        this.#set('connected');
        for (const wake of this.#waiting) wake();
        return;
      } catch {
        // Not there yet, or closed while waiting: the next round decides.
      }
    }
  }

  #lost(): void {
    this.#session = null;
    if (this.#status === 'closed') return;
    this.#set('connecting');
    void this.#connect();
  }

  async #connected(signal?: AbortSignal): Promise<ClientSession> {
    for (;;) {
      if (signal?.aborted === true) throw cancelled();
      if (this.#status === 'closed') {
        throw new CanopusError('contract/disconnected', 'The connection to the station was closed.');
      }
      if (this.#session !== null) return this.#session;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
    }
  }
}

function cancelled(): CanopusError {
  return new CanopusError('cancelled', 'The question was cancelled.');
}

function checked(schema: Schema, value: unknown, name: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => issue.path.map(String).join('.'));
  throw new CanopusError('contract/invalid-answer', `The reply to ${name} does not match the contract.`, {
    fields,
  });
}
