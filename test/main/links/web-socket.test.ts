import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { socketLink } from '../../../app/contract/socket-link.ts';
import type { TextLink } from '../../../app/contract/text-link.ts';
import { contractConformance } from '../../conformance/contract.ts';

contractConformance('a WebSocket', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 16 * 1024 * 1024 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepts: ((link: TextLink) => void)[] = [];
  server.on('connection', (socket) => accepts.shift()?.(socketLink(socket)));
  return {
    connect: async (accept) => {
      accepts.push(accept);
      const socket = new WebSocket(`ws://127.0.0.1:${port}`);
      await once(socket, 'open');
      return socketLink(socket);
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
});
