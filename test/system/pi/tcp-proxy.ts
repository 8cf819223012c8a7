import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on loopback that can be slow and can break, in front of a server that does not know. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Breaks every connection, as a pulled plug would; new ones are let through. */
  cut(): void;
  /** Breaks every connection as soon as the server sends something again. */
  cutOnAnswer(): void;
  /** Breaks every connection when this many more bytes have come from the client. */
  cutAfter(bytes: number): void;
  /** Bytes that came from the client so far. */
  readonly clientBytes: number;
  /** How often the client spoke after the server had spoken: an upper bound for how often it waited for a reply. */
  readonly turns: number;
}

/** `latencyMs` is added in each direction, so a round trip takes twice that. */
export async function startTcpProxy(targetPort: number, latencyMs = 0): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let cutOnAnswer = false;
  let clientBytes = 0;
  let turns = 0;
  let answered = true;
  let cutAt = Number.POSITIVE_INFINITY;
  const cut = (): void => {
    cutOnAnswer = false;
    cutAt = Number.POSITIVE_INFINITY;
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
    pairs.clear();
  };
  /** Delivers in order, each chunk after its delay. */
  function pipe(from: Socket, to: Socket, seen: (bytes: number) => boolean): void {
    const send = (action: () => void): void => {
      if (latencyMs === 0) action();
      else setTimeout(action, latencyMs);
    };
    from.on('data', (chunk) => {
      if (seen(chunk.length)) cut();
      else send(() => to.write(chunk));
    });
    from.once('end', () => send(() => to.end()));
    from.on('error', () => undefined);
    from.once('close', () => send(() => to.destroy()));
  }
  const server = createServer((client) => {
    const upstream = connect({ port: targetPort, host: '127.0.0.1' });
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.once('close', () => pairs.delete(pair));
    pipe(client, upstream, (bytes) => {
      if (answered) turns += 1;
      answered = false;
      return (clientBytes += bytes) >= cutAt;
    });
    pipe(upstream, client, () => {
      answered = true;
      return cutOnAnswer;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut,
    cutOnAnswer: () => {
      cutOnAnswer = true;
    },
    cutAfter: (bytes) => {
      cutAt = clientBytes + bytes;
    },
    get clientBytes() {
      return clientBytes;
    },
    get turns() {
      return turns;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
