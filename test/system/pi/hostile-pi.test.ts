import { chmod, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isCanopusError, type CanopusError } from '../../../app/errors.ts';
import { MoonrakerKey } from '../../../app/pi/moonraker-key.ts';
import { MoonrakerClient } from '../../../main/pi/moonraker.ts';
import { ShellPiHost } from '../../../main/pi/shell-pi-host.ts';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';
import { startOpenSshServer, type OpenSshServer } from '../openssh-server.ts';
import { accessTo } from './ssh-fixture.ts';

const maxGrowthBytes = 50 << 20;

/** What the work fails with, and by how much memory grew meanwhile, at its worst. */
async function failureOf(work: Promise<unknown>): Promise<{ error: CanopusError; grewBytes: number }> {
  const used = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let worst = before;
  const timer = setInterval(() => (worst = Math.max(worst, used())), 5);
  try {
    await work;
  } catch (error) {
    if (isCanopusError(error)) return { error, grewBytes: worst - before };
    throw error;
  } finally {
    clearInterval(timer);
  }
  throw new Error('it did not fail');
}

describe('a Pi that means harm', () => {
  let server: OpenSshServer | null = null;
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    server = null;
  });

  /**
   * A real server whose login shell pretends to run its command: it knows the mark, since that is a word of the
   * command, and then does what it likes.
   */
  async function hostile(does: string, lookMs?: number): Promise<ShellPiHost> {
    server = await startOpenSshServer({ shell: '$HOME/shell' });
    const marks = 'for n in $2; do :; done; printf "\\001%s\\n" "$n"; printf "\\001%s 99999999\\n" "$n" >&2';
    // It is asked to end the command, says that it did, and continues.
    const ends = 'case $2 in *printf*) ;; *) exit 0 ;; esac';
    await writeFile(join(server.home, 'shell'), `#!/bin/sh\n${ends}\n${marks}\n${does}\n`);
    await chmod(join(server.home, 'shell'), 0o755);
    const access = await accessTo(server);
    const shell = new SshShell(await connectSsh(await resolveDestination(server, access), access));
    return new ShellPiHost(shell, {
      connectTo: (host, port) => shell.connectTo(host, port),
      ...(lookMs === undefined ? {} : { lookMs }),
    });
  }

  it.each([
    ['prints zeros without end', 'exec cat /dev/zero', 'shell/output-too-long'],
    ['prints lines without end', 'exec yes "0123456789 0123456789"', 'shell/output-too-long'],
    ['prints one line without end', 'yes | tr -d "\\n"', 'shell/output-too-long'],
    ['prints escapes without end', 'yes "$(printf "\\033[2J\\033]52;c;eA==\\007")"', 'shell/output-too-long'],
    ['prints errors without end', 'exec cat /dev/zero >&2', 'shell/output-too-long'],
    ['prints something else', 'echo "{wrong: [json"', 'pi/bad-report'],
    ['prints nothing', 'exit 0', 'pi/bad-report'],
    ['breaks the connection', 'kill -KILL $PPID; sleep 5', 'shell/lost'],
  ])('and %s costs little memory and has one name', async (_, does, code) => {
    await using host = await hostile(does);
    const { error, grewBytes } = await failureOf(host.look());
    expect(error.code).toBe(code);
    expect(grewBytes).toBeLessThan(maxGrowthBytes);
  });

  it.each([
    ['says nothing', 'exec sleep 40'],
    ['says a little for ever', 'while :; do echo x; sleep 0.1; done'],
  ])('and %s has its time', async (_, does) => {
    await using host = await hostile(does, 1_000);
    expect((await failureOf(host.look())).error.code).toBe('shell/timeout');
  });

  it('and sends a file without end costs little memory', async () => {
    await using host = await hostile('exec cat /dev/zero');
    const { error, grewBytes } = await failureOf(host.contents(['/etc/hostname']));
    expect(error.code).toBe('shell/output-too-long');
    expect(grewBytes).toBeLessThan(maxGrowthBytes);
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

  it.each(speaks)('and sends %s costs little memory and has one name', async (_, speak, code) => {
    const { error, grewBytes } = await failureOf((await client(speak)).status());
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('\u001b');
    expect(grewBytes).toBeLessThan(maxGrowthBytes);
  });

  it('and says nothing has its time', async () => {
    const { error } = await failureOf((await client(() => undefined)).status());
    expect(error.code).toBe('pi/moonraker-unreachable');
  });

  it('and listens, by its file, on an address that no request can name is unreachable', async () => {
    const moonraker = await client((to) => to.end(`${ok}\r\n{"result": {}}`), 'p\u2603\u0007');
    expect((await failureOf(moonraker.status())).error.code).toBe('pi/moonraker-unreachable');
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
    expect(asked.at(-1)).toMatch(/^GET \/printer\/objects\/query\?mcu=mcu_version&mcu%200=mcu_version&/);
    expect(asked.at(-1)?.length).toBeLessThan(8_000);
  });

  it('and says that Klipper is ready, but not what it does, is not taken for one at rest', async () => {
    let asked = 0;
    const moonraker = await client((to) => {
      asked += 1;
      to.end(asked === 1 ? `${ok}\r\n{"result": {"state": "ready"}}` : 'HTTP/1.1 503 Unavailable\r\n\r\n');
    });
    expect((await failureOf(moonraker.status())).error.code).toBe('pi/moonraker-answer');
  });

  it('and puts escapes into its words has them taken out', async () => {
    const moonraker = await client((to) =>
      to.end(`HTTP/1.1 400 Bad\r\n\r\n{"error": {"message": "a \\u001b[2J\\u001b]0;x\\u0007b"}}`),
    );
    expect((await failureOf(moonraker.status())).error.message).toMatch(/: a b$/);
  });
});
