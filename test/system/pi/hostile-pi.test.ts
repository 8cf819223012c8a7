import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isCanopusError, type CanopusError } from '../../../app/errors.ts';
import { MoonrakerKey } from '../../../app/pi/moonraker-key.ts';
import { MoonrakerClient } from '../../../main/pi/moonraker.ts';
import { loginToHostile } from './hostile-login.ts';

async function failureOf(work: Promise<unknown>): Promise<CanopusError> {
  try {
    await work;
  } catch (error) {
    if (isCanopusError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** What these cost in memory, and what others wait meanwhile, is measured by test/bench/hostile-pi.bench.ts. */
describe('a Pi that means harm', () => {
  it.each([
    ['prints zeros without end', 'exec cat /dev/zero', 'shell/output-too-long'],
    ['prints lines without end', 'exec yes "0123456789 0123456789"', 'shell/output-too-long'],
    ['prints one line without end', 'yes | tr -d "\\n"', 'shell/output-too-long'],
    ['prints escapes without end', 'yes "$(printf "\\033[2J\\033]52;c;eA==\\007")"', 'shell/output-too-long'],
    ['prints errors without end', 'exec cat /dev/zero >&2', 'shell/output-too-long'],
    ['prints something else', 'echo "{wrong: [json"', 'pi/bad-report'],
    ['prints nothing', 'exit 0', 'pi/bad-report'],
    ['breaks the connection', 'kill -KILL $PPID; sleep 5', 'shell/lost'],
  ])('and %s has one name', async (_, does, code) => {
    await using login = await loginToHostile(does);
    expect((await failureOf(login.host.look())).code).toBe(code);
  });

  it.each([
    ['says nothing', 'exec sleep 40'],
    ['says a little for ever', 'while :; do echo x; sleep 0.1; done'],
  ])('and %s has its time', async (_, does) => {
    await using login = await loginToHostile(does, 1_000);
    expect((await failureOf(login.host.look())).code).toBe('shell/timeout');
  });

  it('and sends a file without end is stopped', async () => {
    await using login = await loginToHostile('exec cat /dev/zero');
    const error = await failureOf(login.host.contents(['/etc/hostname']));
    expect(error.code).toBe('shell/output-too-long');
  });
});

describe('a Moonraker that means harm', () => {
  let server: Server | null = null;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
    server = null;
  });

  async function client(speak: (socket: Socket) => void, host = 'pi'): Promise<MoonrakerClient> {
    const listening = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => speak(socket));
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as { port: number };
    return new MoonrakerClient({
      connect: () => Promise.resolve(connect(port, '127.0.0.1')),
      host,
      key: new MoonrakerKey('pi'),
    });
  }

  function floods(socket: Socket, head: string, chunk: string): void {
    socket.write(head);
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
      socket.once('drain', more);
    };
    more();
  }

  const ok = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
  const speaks: readonly [string, (socket: Socket) => void, string][] = [
    ['a body without end', (to) => floods(to, `${ok}\r\n`, 'x'.repeat(65_536)), 'pi/moonraker-unreachable'],
    [
      'headers without end',
      (to) => floods(to, ok, `X-${'a'.repeat(60_000)}: b\r\n`),
      'pi/moonraker-unreachable',
    ],
    [
      'a length that is not kept',
      (to) => to.end(`${ok}Content-Length: 10\r\n\r\nx`),
      'pi/moonraker-unreachable',
    ],
    ['no HTTP', (to) => to.end('\u001b[2Jhello\n'), 'pi/moonraker-unreachable'],
    ['nothing', (to) => to.end(), 'pi/moonraker-unreachable'],
    ['a web page', (to) => to.end(`${ok}\r\n<html>`), 'pi/moonraker-answer'],
    ['JSON cut short', (to) => to.end(`${ok}\r\n{"result": {"state": "re`), 'pi/moonraker-answer'],
    ['other JSON', (to) => to.end(`${ok}\r\n[1, 2]`), 'pi/moonraker-answer'],
    ['deep JSON', (to) => to.end(`${ok}\r\n${'['.repeat(1 << 20)}`), 'pi/moonraker-answer'],
  ];

  it.each(speaks)('and sends %s has one name', async (_, speak, code) => {
    const error = await failureOf((await client(speak)).status());
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('\u001b');
  });

  it('and says nothing has its time', async () => {
    const error = await failureOf((await client(() => undefined)).status());
    expect(error.code).toBe('pi/moonraker-unreachable');
  });

  it('and listens, by its file, on an address that no request can name is unreachable', async () => {
    const moonraker = await client((to) => to.end(`${ok}\r\n{"result": {}}`), 'p\u2603\u0007');
    expect((await failureOf(moonraker.status())).code).toBe('pi/moonraker-unreachable');
  });

  it('and has boards with names that no address can hold is asked about the others', async () => {
    const names = ['mcu', 'mcu \ud800', ...Array.from({ length: 5_000 }, (_, n) => `mcu ${n}`)];
    const asked: string[] = [];
    const moonraker = await client((to) =>
      to.end(`${ok}\r\n${JSON.stringify({ result: { objects: names } })}`),
    );
    server?.on('connection', (socket: Socket) =>
      socket.once('data', (bytes) => asked.push(bytes.toString())),
    );
    expect(await moonraker.mcus()).toEqual([]);
    const fields = 'mcu_version,mcu_constants';
    const [path, query = ''] = (asked.at(-1) ?? '').split(' ')[1]!.split('?');
    expect(path).toBe('/printer/objects/query');
    expect(query.split('&').slice(0, 2)).toEqual([`mcu=${fields}`, `mcu%200=${fields}`]);
    expect(query.length).toBeLessThan(8_000);
  });

  it('and says that Klipper is ready, but not what it does, is not taken for one at rest', async () => {
    let asked = 0;
    const moonraker = await client((to) => {
      asked += 1;
      to.end(asked === 1 ? `${ok}\r\n{"result": {"state": "ready"}}` : 'HTTP/1.1 503 Unavailable\r\n\r\n');
    });
    expect((await failureOf(moonraker.status())).code).toBe('pi/moonraker-answer');
  });

  it('and puts escapes into its words has them taken out', async () => {
    const moonraker = await client((to) =>
      to.end(`HTTP/1.1 400 Bad\r\n\r\n{"error": {"message": "a \\u001b[2J\\u001b]0;x\\u0007b"}}`),
    );
    expect((await failureOf(moonraker.status())).message).toMatch(/: a b$/);
  });
});
