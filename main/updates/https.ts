import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { CanopusError } from '../../app/errors.ts';

export interface HttpsOptions {
  readonly signal?: AbortSignal | undefined;
  /** A certificate authority besides those of Node; for tests. */
  readonly ca?: string | undefined;
}

const idleMs = 30_000;
const maxRedirects = 5;

/**
 * The response to a request whose status is 200. Goes nowhere but to https, redirects included. Throws
 * `update/unreachable`.
 */
export async function openHttps(url: URL, options: HttpsOptions = {}): Promise<IncomingMessage> {
  let next = url;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    if (next.protocol !== 'https:') throw unreachable(next, 'it is not https');
    const response = await request(next, options);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return response;
    response.destroy();
    if (statusCode < 300 || statusCode > 399 || headers.location === undefined) {
      throw unreachable(next, `the server replied with ${statusCode}`);
    }
    next = new URL(headers.location, next);
  }
  throw unreachable(next, 'the server sends from one address to the next');
}

/** The whole body. Throws `update/unreachable`, and `update/not-genuine` if it is longer than `maxBytes`. */
export async function readHttps(url: URL, maxBytes: number, options: HttpsOptions = {}): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytesOf(await openHttps(url, options), url)) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new CanopusError('update/not-genuine', `${url.href} is longer than ${maxBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body of a response as it comes. Throws `update/unreachable` if it ends too early. */
export async function* bytesOf(response: IncomingMessage, url: URL): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array;
  } catch (error) {
    throw unreachable(url, error instanceof Error ? error.message : String(error), error);
  } finally {
    response.destroy();
  }
}

function request(url: URL, { signal, ca }: HttpsOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { signal, ca, timeout: idleMs, headers: { accept: '*/*' } }, resolve);
    sent.once('timeout', () => sent.destroy(new Error('the server is silent')));
    sent.once('error', (error) => reject(unreachable(url, error.message, error)));
  });
}

function unreachable({ href }: URL, why: string, cause?: unknown): CanopusError {
  return new CanopusError('update/unreachable', `${href}: ${why}.`, {}, { cause });
}
