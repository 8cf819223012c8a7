import { createServer, type AddressInfo, type Socket } from 'node:net';
import { CanopusError } from '../../app/errors.ts';

export interface LoopbackServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * A TCP server that only this computer can reach. Disposing it drops its connections.
 * Throws `usage/invalid` if the port is not available.
 *
 * @param port 0 takes any free one.
 */
export async function listenOnLoopback(
  port: number,
  connected: (socket: Socket) => void,
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    connected(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `Port ${port} cannot be used: ${cause.message}.`;
      reject(new CanopusError('usage/invalid', message, { port }, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
