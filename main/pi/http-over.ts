import { cancelled } from '../../app/cancelled.ts';
import { request, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { CanopusError } from '../../app/errors.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Parsed if it is JSON, otherwise null. */
  readonly json: unknown;
}

interface HttpAsk {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const maxAnswerBytes = 4 << 20;

/**
 * One HTTP request over a connected byte pipe, to a server called `host`. Uses the pipe up. Throws
 * `pi/moonraker-unreachable` or `cancelled`.
 */
export function httpOver(pipe: Duplex, host: string, ask: HttpAsk): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      pipe.destroy();
      if (ask.signal?.aborted) reject(cancelled());
      else reject(unreachable(host, ask.path, cause));
    };
    const timer = setTimeout(() => fail(new Error(`no reply within ${ask.timeoutMs} ms`)), ask.timeoutMs);
    const onAbort = (): void => fail(ask.signal?.reason);
    ask.signal?.addEventListener('abort', onAbort, { once: true });
    const start = (): ClientRequest =>
      request(
        {
          method: ask.method,
          path: ask.path,
          headers: {
            Host: host,
            Accept: 'application/json',
            Connection: 'close',
            'Content-Length': '0',
            ...ask.headers,
          },
          createConnection: () => pipe,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          let length = 0;
          incoming.on('data', (chunk: Buffer) => {
            length += chunk.length;
            if (length > maxAnswerBytes) fail(new Error(`the reply is longer than ${maxAnswerBytes} bytes`));
            else chunks.push(chunk);
          });
          incoming.once('error', fail);
          incoming.once('end', () => {
            pipe.destroy();
            resolve({
              status: incoming.statusCode ?? 0,
              json: parseJson(Buffer.concat(chunks).toString('utf8')),
            });
          });
        },
      );
    const stop = (): void => {
      clearTimeout(timer);
      ask.signal?.removeEventListener('abort', onAbort);
    };
    let outgoing: ClientRequest;
    try {
      outgoing = start();
    } catch (error) {
      // Node refuses a header that no server could read: the address is from a file of the Pi.
      stop();
      fail(error);
      return;
    }
    outgoing.once('error', fail);
    outgoing.once('close', stop);
    outgoing.end();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unreachable(host: string, path: string, cause: unknown): CanopusError {
  const said = cause instanceof Error ? cause.message : String(cause);
  const message = `Moonraker at ${host} did not reply to ${path}: ${said}`;
  return new CanopusError('pi/moonraker-unreachable', message, { host, path }, { cause });
}
