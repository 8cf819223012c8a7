import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TextLink } from '../../../../app/contract/text-link.ts';
import { streamLink } from '../../../../main/links/local/stream-link.ts';
import { contractConformance } from '../../../conformance/contract.ts';

contractConformance('a local socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'canopus-socket-'));
  const address =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\canopus-test-${process.pid}-${Date.now()}`
      : join(folder, 's.sock');
  const accepts: ((link: TextLink) => void)[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    accepts.shift()?.(streamLink(socket));
  });
  server.listen(address);
  await once(server, 'listening');
  return {
    connect: async (accept) => {
      accepts.push(accept);
      const socket = connect(address);
      await once(socket, 'connect');
      return streamLink(socket);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
});
