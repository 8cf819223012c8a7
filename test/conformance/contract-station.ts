import * as z from 'zod/mini';
import { call, replayStream, stream, type Handlers, type Numbered } from '../../app/contract/define.ts';
import { serveContract, type Served, type ServeOptions } from '../../app/contract/server.ts';
import type { TextLink } from '../../app/contract/text-link.ts';
import { CanopusError, type ErrorCode } from '../../app/errors.ts';
import { systemClock } from '../../main/system-clock.ts';

export const testContract = {
  'math.add': call({
    input: z.strictObject({ a: z.number(), b: z.number() }),
    output: z.strictObject({ sum: z.number().check(z.lte(1000)) }),
  }),
  'text.repeat': call({
    input: z.strictObject({ text: z.string(), times: z.int() }),
    output: z.string(),
  }),
  'log.write': call({ input: z.string(), output: z.null() }),
  'work.hang': call({ input: z.null(), output: z.null() }),
  'work.throw': call({ input: z.enum(['named', 'unnamed']), output: z.null() }),
  'count.up': stream({ input: z.strictObject({ to: z.int() }), event: z.int().check(z.lte(5000)) }),
  'log.watch': replayStream({ input: z.null(), event: z.string() }),
};

/** Resolves waiters whenever something happened, so that tests wait for events and not for time. */
export class Happenings {
  readonly #waiting = new Set<() => void>();

  tell(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

/** Serves the test contract on any number of links and remembers what its handlers and ends got. */
export class TestStation {
  readonly happened = new Happenings();
  readonly lines: string[] = [];
  readonly internal: unknown[] = [];
  readonly refused: ErrorCode[] = [];
  readonly served: Served[] = [];
  readonly options: Partial<ServeOptions>;
  hanging = 0;
  aborted = 0;
  counted = 0;

  readonly handlers: Handlers<typeof testContract> = {
    'math.add': ({ a, b }) => ({ sum: a + b }),
    'text.repeat': ({ text, times }) => Promise.resolve(text.repeat(times)),
    'log.write': (line) => this.write(line),
    'work.hang': (_, { signal }) => {
      this.hanging += 1;
      this.happened.tell();
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          this.#abort();
          reject(new Error('aborted'));
        });
      });
    },
    'work.throw': (how) =>
      Promise.reject(
        how === 'named'
          ? new CanopusError(
              'dfu/erase-failed',
              'sector 3 stays at 00',
              { sector: 3, tried: ['a', 'b'] },
              { state: 'dfu-partial', cause: new Error('the password is hunter2') },
            )
          : new Error('the password is hunter2'),
      ),
    'count.up': ({ to }) => this.#countUp(to),
    'log.watch': (_, { after, signal }) => this.#follow(after, signal),
  };

  constructor(options: Partial<ServeOptions> = {}) {
    this.options = options;
  }

  readonly accept = (link: TextLink): void => {
    this.served.push(
      serveContract(testContract, this.handlers, link, {
        clock: systemClock,
        onInternalError: (error) => `log-${this.internal.push(error)}`,
        onRefused: (error) => {
          this.refused.push(error.code);
          this.happened.tell();
        },
        ...this.options,
      }),
    );
    this.happened.tell();
  };

  write(line: string): void {
    this.lines.push(line);
    this.happened.tell();
  }

  #abort(): void {
    this.aborted += 1;
    this.happened.tell();
  }

  async *#countUp(to: number): AsyncGenerator<number> {
    try {
      while (this.counted < to) {
        this.counted += 1;
        this.happened.tell();
        yield await Promise.resolve(this.counted);
      }
    } finally {
      this.#abort();
    }
  }

  async *#follow(after: number, signal: AbortSignal): AsyncGenerator<Numbered<string>> {
    const isOver = (): boolean => signal.aborted;
    if (isOver()) return;
    this.hanging += 1;
    signal.addEventListener('abort', () => this.#abort());
    for (let at = after; !isOver(); at++) {
      await this.happened.until(() => isOver() || at < this.lines.length);
      const event = this.lines[at];
      if (event !== undefined) yield { seq: at + 1, event };
    }
  }
}
