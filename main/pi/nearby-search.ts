import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { decode, encode, type Answer } from 'dns-packet';
import { LiveTable, type TableEvent } from '../../app/contract/live-table.ts';
import { NearbyPis, type NearbyPi, type NearbyQuestion, type NearbyRecord } from '../../app/pi/nearby.ts';
import type { Clock } from '../../app/transport/clock.ts';

export interface NearbySearchOptions {
  readonly clock: Clock;
  /** The addresses of this computer to ask from; by default all IPv4 ones but loopback. */
  readonly addresses?: readonly string[];
  /** Where multicast DNS is listened for; another one only in tests. */
  readonly port?: number;
}

const group = '224.0.0.251';
/** As often as RFC 6762 (5.2) lets a question be repeated, up to this. */
const longestPauseMs = 20_000;
const maxRecords = 200;
const maxFollowUps = 20;

/**
 * Asks the networks of this computer for a printer's Pi as long as it is followed, by one-shot questions of multicast DNS
 * (RFC 6762, 5.1): from a port of its own, so that replies come to this socket alone and no other responder of this
 * computer is disturbed. A network that cannot be asked has none.
 */
export async function* searchNearby(
  options: NearbySearchOptions,
  signal: AbortSignal,
): AsyncGenerator<TableEvent<NearbyPi>, void, void> {
  const table = new LiveTable<NearbyPi>();
  const { addresses = ownAddresses(), port = 5353, clock } = options;
  const sockets = addresses.map((address) => new NearbySocket(table, address, port));
  const asking = new AbortController();
  const stop = AbortSignal.any([signal, asking.signal]);
  const asked = ask(sockets, clock, stop);
  try {
    yield* table.follow(signal);
  } finally {
    asking.abort();
    for (const socket of sockets) socket[Symbol.dispose]();
    await asked;
  }
}

async function ask(sockets: readonly NearbySocket[], clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    for (let pauseMs = 1000; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      for (const socket of sockets) socket.ask(NearbyPis.questions);
      await clock.sleep(pauseMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The questions and replies of one network. */
class NearbySocket implements Disposable {
  readonly #table: LiveTable<NearbyPi>;
  readonly #found = new NearbyPis();
  readonly #port: number;
  readonly #ready: Promise<Socket | null>;
  /** What was asked because of a reply since the last round: each once, whatever the replies to that are. */
  readonly #followedUp = new Set<string>();
  #isClosed = false;

  constructor(table: LiveTable<NearbyPi>, address: string, port: number) {
    this.#table = table;
    this.#port = port;
    const socket = createSocket('udp4');
    socket.on('message', (message) => this.#take(message));
    this.#ready = new Promise((resolve) => {
      // An interface may have gone, or may not be sent from: its network is left out.
      socket.on('error', () => resolve(null));
      socket.bind(0, address, () => {
        try {
          socket.setMulticastInterface(address);
          socket.setMulticastTTL(255);
          resolve(socket);
        } catch {
          resolve(null);
        }
      });
    });
    this.#ready.then(
      (opened) => {
        if (opened === null) socket.close();
      },
      () => undefined,
    );
  }

  /** Asks everything anew. */
  ask(questions: readonly NearbyQuestion[]): void {
    this.#followedUp.clear();
    this.#send(questions);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    void this.#ready.then((socket) => socket?.close());
  }

  #send(questions: readonly NearbyQuestion[]): void {
    if (questions.length === 0) return;
    const message = encode({
      type: 'query',
      id: 0,
      flags: 0,
      questions: questions.map((each) => ({ ...each })),
    });
    void this.#ready.then((socket) => {
      if (socket !== null && !this.#isClosed) socket.send(message, this.#port, group, () => undefined);
    });
  }

  #take(message: Uint8Array): void {
    const before = new Map(this.#found.all.map((pi) => [pi.id, JSON.stringify(pi)]));
    const followUps = this.#found.take(recordsOf(message));
    for (const pi of this.#found.all) {
      if (before.get(pi.id) !== JSON.stringify(pi)) this.#table.set(pi);
    }
    const open = followUps.filter(({ type, name }) => !this.#followedUp.has(`${type} ${name}`));
    const next = open.slice(0, maxFollowUps);
    for (const { type, name } of next) this.#followedUp.add(`${type} ${name}`);
    this.#send(next);
  }
}

/** The records of a reply that matter here; none of a message that cannot be read. */
export function recordsOf(message: Uint8Array): readonly NearbyRecord[] {
  try {
    const { type, answers = [], additionals = [] } = decode(Buffer.from(message));
    if (type !== 'response') return [];
    return [...answers, ...additionals].slice(0, maxRecords).flatMap(recordOf);
  } catch {
    return [];
  }
}

function recordOf(answer: Answer): NearbyRecord[] {
  const { name } = answer;
  switch (answer.type) {
    case 'PTR':
      return [{ type: 'PTR', name, target: answer.data }];
    case 'SRV':
      return [{ type: 'SRV', name, target: answer.data.target, port: answer.data.port }];
    case 'A':
      return [{ type: 'A', name, address: answer.data }];
    default:
      return [];
  }
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).flatMap(({ family, internal, address }) => (family === 'IPv4' && !internal ? [address] : [])),
  );
}
