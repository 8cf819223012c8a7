import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface HttpsServer extends AsyncDisposable {
  readonly url: URL;
  /** The certificate, which is its own authority. */
  readonly ca: string;
}

/** An https server of this computer for the name localhost, with a certificate of its own that openssl makes. */
export async function startHttpsServer(
  folder: string,
  reply: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpsServer> {
  const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...[
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
  ]);
  const ca = await readFile(certificate, 'utf8');
  const server = createServer({ key: await readFile(key), cert: ca }, reply);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`https://localhost:${port}/`),
    ca,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
