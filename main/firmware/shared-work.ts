import { cancelled } from '../../app/cancelled.ts';

interface Flight<T, E> {
  readonly result: Promise<T>;
  readonly abort: AbortController;
  readonly events: E[];
  readonly listeners: Set<(event: E) => void>;
  waiting: number;
}

/** Keeps a late follower's replay from growing without limit. */
const maxReplay = 5_000;

/**
 * Work that several callers want at once and that runs once: a caller that joins later gets the events so far, then
 * follows. It is cancelled when the last of them has left, not before.
 */
export class SharedWork<T, E> {
  readonly #flights = new Map<string, Flight<T, E>>();

  /** Throws `cancelled` when the caller's own signal is aborted, or else what the work throws. */
  async join(
    key: string,
    options: { signal?: AbortSignal | undefined; onEvent?: ((event: E) => void) | undefined },
    work: (signal: AbortSignal, emit: (event: E) => void) => Promise<T>,
  ): Promise<T> {
    const { signal, onEvent } = options;
    if (signal?.aborted) throw cancelled();
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    for (const event of flight.events) onEvent?.(event);
    if (onEvent) flight.listeners.add(onEvent);
    flight.waiting++;
    let leave: () => void = () => undefined;
    const left = new Promise<never>((_resolve, reject) => {
      leave = () => reject(cancelled());
    });
    signal?.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([flight.result, left]);
    } finally {
      signal?.removeEventListener('abort', leave);
      if (onEvent) flight.listeners.delete(onEvent);
      flight.waiting--;
      if (flight.waiting === 0) {
        // Later callers must not join work that is being cancelled.
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
        flight.abort.abort();
        // The last caller leaves when everything is cleaned up: then no process of the work is alive.
        await flight.result.catch(() => undefined);
      }
    }
  }

  #start(key: string, work: (signal: AbortSignal, emit: (event: E) => void) => Promise<T>): Flight<T, E> {
    const abort = new AbortController();
    const events: E[] = [];
    const listeners = new Set<(event: E) => void>();
    const emit = (event: E) => {
      if (events.length < maxReplay) events.push(event);
      for (const listener of listeners) listener(event);
    };
    // Deferred, so that the first caller listens before the first event.
    const result = Promise.resolve().then(() => work(abort.signal, emit));
    const flight: Flight<T, E> = { result, abort, events, listeners, waiting: 0 };
    this.#flights.set(key, flight);
    const done = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    result.then(done, done);
    return flight;
  }
}
