import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { contractPath, contractProtocol, pageKeyProtocol } from '../../../app/contract/channel-names.ts';
import { defaultLimits, RateLimit } from '../../../app/contract/limits.ts';
import type { Served } from '../../../app/contract/server.ts';
import { socketLink } from '../../../app/contract/socket-link.ts';
import type { TextLink } from '../../../app/contract/text-link.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { HostLog } from '../host-log.ts';
import type { RendererFiles } from '../renderer-files.ts';
import { securityHeaders } from '../security-headers.ts';
import { Admission, cookieSeconds } from './admission.ts';
import { enteredPage, notAdmittedPage, usedLinkPage } from './entry-page.ts';
import { isLoopback, type ListenAddress } from './listen-address.ts';
import { Refusals } from './refusals.ts';
import { OwnNames, stationUrl } from './same-site.ts';

interface HeadlessOptions {
  readonly listen: ListenAddress;
  /** Certificate and key, PEM; without them only this computer may connect. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  readonly files: RendererFiles;
  readonly log: HostLog;
  readonly clock: Clock;
  /** How long a request may take to arrive; shorter in tests. */
  readonly requestMs?: number;
  /** Serves the station to one more window. */
  serve(link: TextLink): Served;
}

export interface HeadlessHost extends AsyncDisposable {
  readonly address: ListenAddress;
  /** A new link for one browser; the previous one stops working. */
  newLink(): string;
  /** Connected windows. */
  readonly windows: number;
}

const maxWindows = 16;
/** Wrong links per second; the token has 192 bits, so this only saves work. */
const triesPerSecond = 1;
const heartbeatMs = 15_000;

/**
 * Serves the renderer and the contract to browsers.
 *
 * Throws `usage/invalid` for an address that others could reach without a certificate, and `host/port-in-use`.
 */
export async function openHeadlessHost(options: HeadlessOptions): Promise<HeadlessHost> {
  if (options.tls === null && !isLoopback(options.listen.host)) {
    throw new CanopusError(
      'usage/invalid',
      `${options.listen.host} can be reached from other computers: that needs --tls-cert and --tls-key.`,
      { host: options.listen.host },
    );
  }
  const requestMs = options.requestMs ?? defaultRequestMs;
  const limits = { ...serverLimits, headersTimeout: requestMs, requestTimeout: requestMs };
  const server =
    options.tls === null
      ? createServer(limits)
      : createTlsServer({ ...limits, cert: options.tls.certificate, key: options.tls.key });
  server.maxConnections = 128;
  server.listen(options.listen.port, options.listen.host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE') {
      throw new CanopusError('host/port-in-use', `Port ${options.listen.port} is used by another program.`, {
        port: options.listen.port,
      });
    }
    throw cause;
  }
  const { port } = server.address() as AddressInfo;
  return new OpenHost(server, { ...options, listen: { ...options.listen, port } });
}

const defaultRequestMs = 10_000;

/** Node looks for connections that take too long only this often: by default every 30 s (http.createServer). */
const serverLimits = { maxHeaderSize: 8192, connectionsCheckingInterval: 1_000 } as const;

class OpenHost implements HeadlessHost {
  readonly address: ListenAddress;
  readonly #server: Server;
  readonly #options: HeadlessOptions;
  readonly #admission: Admission;
  readonly #refusals: Refusals;
  readonly #names: OwnNames;
  readonly #cookie: string;
  readonly #tries: RateLimit;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: defaultLimits.maxTextLength,
    perMessageDeflate: false,
    handleProtocols: () => contractProtocol,
  });
  readonly #heartbeat: NodeJS.Timeout;
  readonly #alive = new WeakSet<WebSocket>();
  readonly #sessions = new WeakMap<WebSocket, string>();

  constructor(server: Server, options: HeadlessOptions) {
    this.#server = server;
    this.#options = options;
    this.address = options.listen;
    this.#admission = new Admission(options.clock);
    this.#refusals = new Refusals(options.log, options.clock);
    this.#names = new OwnNames(options.listen, options.tls?.certificate ?? null);
    // Cookies ignore ports: two stations on one computer need two names.
    this.#cookie = `canopus-${options.listen.port}`;
    this.#tries = new RateLimit(triesPerSecond, options.clock.nowMs());
    server.on('request', (request, response) => this.#request(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
    this.#heartbeat.unref();
  }

  get windows(): number {
    return this.#sockets.clients.size;
  }

  newLink(): string {
    const { port } = this.address;
    const url = stationUrl({ host: this.#names.hostForLinks, port }, this.#options.tls !== null);
    return `${url}enter/${this.#admission.issueLink()}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat);
    for (const socket of this.#sockets.clients) socket.terminate();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request);
    if (!this.#names.isOwnHost(request.headers.host)) {
      this.#refuse(request, response, 421, 'foreign host');
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      this.#refuse(request, response, 405, 'method');
    } else if (path.startsWith('/enter/')) {
      this.#enter(request, response, path.slice('/enter/'.length));
    } else if (!this.#admission.isAdmitted(cookie(request, this.#cookie))) {
      this.#refuse(request, response, 401, 'not admitted', notAdmittedPage);
    } else {
      this.#file(request, response, path === '/' ? '/index.html' : path);
    }
  }

  #enter(request: IncomingMessage, response: ServerResponse, token: string): void {
    // The right link first: guesses of others must not delay it.
    const admitted = this.#admission.enter(token);
    if (admitted === null) {
      const isEarly = this.#tries.take(this.#options.clock.nowMs());
      if (isEarly) this.#refuse(request, response, 403, 'wrong or used link', usedLinkPage);
      else this.#refuse(request, response, 429, 'too many tries');
      return;
    }
    this.#options.log.info({ from: request.socket.remoteAddress }, 'a browser was admitted');
    const secure = this.#options.tls === null ? '' : '; Secure';
    response.setHeader(
      'set-cookie',
      `${this.#cookie}=${admitted.session}; Path=/; Max-Age=${cookieSeconds}; HttpOnly; SameSite=Strict${secure}`,
    );
    this.#answer(response, 200, enteredPage(admitted.pageKey));
  }

  #file(request: IncomingMessage, response: ServerResponse, path: string): void {
    const file = this.#options.files.get(path);
    if (file === undefined) {
      this.#refuse(request, response, 404, 'no such file');
      return;
    }
    response.writeHead(200, {
      ...securityHeaders,
      'content-type': file.contentType,
      'content-length': file.bytes.length,
      'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-cache',
    });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  }

  /** Refuses, and logs why; the reply does not repeat what the other side sent. */
  #refuse(request: IncomingMessage, response: ServerResponse, status: number, why: string, body = ''): void {
    this.#logRefusal(request, status, why);
    this.#answer(response, status, body);
  }

  #logRefusal(request: IncomingMessage, status: number, why: string): void {
    const { host, origin } = request.headers;
    const path = pathOf(request).replace(/^\/enter\/.*/, '/enter/…');
    const { method, socket } = request;
    this.#refusals.add({ status, why, method, path, host, origin, from: socket.remoteAddress });
  }

  #answer(response: ServerResponse, status: number, body: string): void {
    response.writeHead(status, {
      ...securityHeaders,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end(body);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#upgradeRefusal(request);
    if (refusal !== null) {
      this.#logRefusal(request, refusal.status, refusal.why);
      socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (open) => {
      this.#sessions.set(open, cookie(request, this.#cookie) ?? '');
      this.#alive.add(open);
      open.on('pong', () => this.#alive.add(open));
      this.#logCutOff(request, open);
      this.#options.serve(socketLink(open));
    });
  }

  /** Refused before the contract sees it: a frame beyond the limit, a binary one, or an invalid one. */
  #logCutOff({ socket }: IncomingMessage, open: WebSocket): void {
    const tell = (why: string): void =>
      this.#options.log.warn({ why, from: socket.remoteAddress }, 'a window was cut off');
    open.on('error', (error: Error & { readonly code?: string }) => tell(error.code ?? error.message));
    open.on('message', (_, isBinary) => {
      if (isBinary) tell('binary message');
    });
  }

  #upgradeRefusal(request: IncomingMessage): { status: number; why: string } | null {
    const { host, origin } = request.headers;
    if (!this.#names.isOwnHost(host)) return { status: 421, why: 'foreign host' };
    if (!this.#names.isOwnOrigin(origin, host)) return { status: 403, why: 'foreign origin' };
    const session = cookie(request, this.#cookie);
    if (!this.#admission.isAdmitted(session)) return { status: 401, why: 'not admitted' };
    if (pathOf(request) !== contractPath) return { status: 404, why: 'no such socket' };
    const [protocol, keyed, ...others] = protocolsOf(request);
    if (protocol !== contractProtocol || others.length > 0) return { status: 400, why: 'subprotocol' };
    const pageKey = keyed?.startsWith(pageKeyProtocol) === true ? keyed.slice(pageKeyProtocol.length) : null;
    if (!this.#admission.isPage(session, pageKey)) return { status: 401, why: 'not the page' };
    if (this.windows >= maxWindows) return { status: 503, why: 'too many windows' };
    return null;
  }

  /** A browser whose computer disappeared does not close its socket. */
  #beat(): void {
    for (const socket of this.#sockets.clients) {
      if (!this.#alive.delete(socket)) {
        socket.terminate();
        continue;
      }
      this.#admission.keep(this.#sessions.get(socket) ?? '');
      socket.ping();
    }
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function protocolsOf(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
}

function cookie(request: IncomingMessage, name: string): string | null {
  for (const pair of request.headers.cookie?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined) return value;
  }
  return null;
}
