import { createServer } from 'node:http';
import type { MoonrakerStandIn } from '../../../main/sim/pi/moonraker-stand-in.ts';

interface ServedMoonraker extends AsyncDisposable {
  readonly port: number;
}

/** Serves a stand-in on loopback. */
export async function serveMoonraker(standIn: MoonrakerStandIn): Promise<ServedMoonraker> {
  const server = createServer((request, response) => {
    const key = request.headers['x-api-key'];
    const { status, body } = standIn.answer(
      request.method ?? 'GET',
      request.url ?? '/',
      typeof key === 'string' ? key : null,
    );
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
