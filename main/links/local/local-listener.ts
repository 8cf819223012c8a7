import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { Served } from '../../../app/contract/server.ts';
import type { TextLink } from '../../../app/contract/text-link.ts';
import { CanopusError } from '../../../app/errors.ts';
import { firstText } from './first-text.ts';
import { parseHello, type Hello } from './hello.ts';
import type { LocalAddress } from './local-address.ts';
import { streamLink } from './stream-link.ts';

interface ListenerOptions {
  readonly at: LocalAddress;
  /** What a client must know. */
  readonly hello: Hello;
  /** Gets the link of each client that does. */
  accept(link: TextLink): Served;
  /** Called with the reason why a client was refused. */
  onRefused(why: string): void;
}

export interface LocalListener extends AsyncDisposable {
  /** Clients that were accepted and have not left. */
  readonly clients: number;
  /** Resolves once there are no clients. */
  alone(): Promise<void>;
  /** Accepts no more clients. */
  stop(): void;
}

const maxClients = 32;
const helloTimeoutMs = 5_000;
/** How long the last text may take to reach a client. */
const farewellMs = 500;

/**
 * Listens for programs of the same user on this computer. The caller holds the data folder: a socket at the address is
 * left over from a killed station, and is replaced. Throws `host/local-socket`.
 *
 * A named pipe is made with Windows' default rights: others may read from it, which connects, but not write, so they
 * cannot send a hello (CreateNamedPipe, "Named Pipe Security and Access Rights"). It ends with its process.
 */
export async function listenLocally(options: ListenerOptions): Promise<LocalListener> {
  const { address, folder } = options.at;
  try {
    if (folder !== null) {
      await requirePrivateFolder(folder);
      await removeSocket(address);
    }
    const listener = new OpenListener(options);
    await listener.listen(address);
    if (folder !== null) await chmod(address, 0o600);
    return listener;
  } catch (cause) {
    if (cause instanceof CanopusError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CanopusError('host/local-socket', `${address}: ${why}`, { address }, { cause });
  }
}

class OpenListener implements LocalListener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #accepted = new Map<Socket, Served>();
  readonly #waiting = new Set<() => void>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => void this.#greet(socket));
    this.#server.maxConnections = maxClients;
  }

  async listen(address: string): Promise<void> {
    this.#server.listen(address);
    await once(this.#server, 'listening');
  }

  get clients(): number {
    return this.#accepted.size;
  }

  async alone(): Promise<void> {
    while (this.#accepted.size > 0) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  stop(): void {
    this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    for (const served of this.#accepted.values()) served.close('station ended');
    const late = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, farewellMs);
    for (const socket of this.#sockets) if (!this.#accepted.has(socket)) socket.destroy();
    while (this.#sockets.size > 0) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    clearTimeout(late);
  }

  async #greet(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    const late = setTimeout(() => socket.destroy(), helloTimeoutMs);
    socket.on('close', () => this.#gone(socket));
    const { first, rest } = await firstText(streamLink(socket));
    clearTimeout(late);
    if (first === null) return;
    const refusal = refusalOf(parseHello(first), this.#options.hello);
    if (refusal !== null) {
      this.#options.onRefused(refusal);
      rest.close(refusal);
      return;
    }
    rest.send(welcome);
    this.#accepted.set(socket, this.#options.accept(rest));
  }

  #gone(socket: Socket): void {
    this.#sockets.delete(socket);
    this.#accepted.delete(socket);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** What an accepted client is sent first. */
export const welcome = 'welcome';

function refusalOf(said: Hello | null, wanted: Hello): 'wrong-token' | 'other-version' | null {
  if (said === null || !isSame(said.token, wanted.token)) return 'wrong-token';
  return said.protocol === wanted.protocol && said.version === wanted.version ? null : 'other-version';
}

/** Takes the same time however much of it is right. */
function isSame(token: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(token), digest(wanted));
}

/** Throws if others could create something there: in a folder for everyone, any user can create one of this name. */
async function requirePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const there = await lstat(folder);
  const isOwn = there.isDirectory() && there.uid === process.getuid?.();
  if (isOwn && (there.mode & 0o077) === 0) return;
  throw new CanopusError('host/local-socket', `${folder} can be changed by other users.`, { folder });
}

async function removeSocket(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there?.isSocket() === true) await rm(path, { force: true });
}
