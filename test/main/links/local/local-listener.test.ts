import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContractClient } from '../../../../app/contract/client.ts';
import { serveContract } from '../../../../app/contract/server.ts';
import type { TextLink } from '../../../../app/contract/text-link.ts';
import { connectLocally } from '../../../../main/links/local/connect-locally.ts';
import type { LocalAddress } from '../../../../main/links/local/local-address.ts';
import { listenLocally, type LocalListener } from '../../../../main/links/local/local-listener.ts';
import { systemClock } from '../../../../main/system-clock.ts';
import { testContract, TestStation } from '../../../conformance/contract-station.ts';
import { codeOfRejection } from '../../../error-code.ts';

const isWindows = process.platform === 'win32';
const hello = { protocol: 'canopus.test.1', version: '1.0.0', token: 'right' };
let base: string;
let at: LocalAddress;
let refused: string[];
let opened: AsyncDisposable[];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'canopus-listen-'));
  const folder = join(base, 'run');
  const pipe = `\\\\.\\pipe\\canopus-test-${process.pid}-${Date.now()}`;
  at = isWindows ? { address: pipe, folder: null } : { address: join(folder, 's.sock'), folder };
  refused = [];
  opened = [];
});
afterEach(async () => {
  for (const each of opened) await each[Symbol.asyncDispose]();
  await rm(base, { recursive: true, force: true });
});

const listen = (): Promise<LocalListener> => {
  const station = new TestStation();
  return listenLocally({
    at,
    hello,
    accept: (link) =>
      serveContract(testContract, station.handlers, link, {
        clock: systemClock,
        onInternalError: () => 'log',
      }),
    onRefused: (why) => refused.push(why),
  });
};

async function sum(link: TextLink): Promise<number> {
  const client = new ContractClient(testContract, {
    clock: systemClock,
    connect: () => Promise.resolve(link),
  });
  const told = await client.call('math.add', { a: 1, b: 2 });
  client.close();
  return told.sum;
}

describe('a station that listens on this computer', () => {
  it('serves who knows the token, and counts them', async () => {
    await using listener = await listen();
    const { link } = await connectLocally(at.address, hello);
    expect(listener.clients).toBe(1);
    expect(await sum(link!)).toBe(3);
    await listener.alone();
    expect(listener.clients).toBe(0);
    expect(refused).toEqual([]);
  });

  it.each([
    ['a wrong token', { ...hello, token: 'wrong' }, 'wrong-token'],
    ['no token', { ...hello, token: '' }, 'wrong-token'],
    ['another version', { ...hello, version: '0.9.0' }, 'other-version'],
    ['another protocol', { ...hello, protocol: 'canopus.test.2' }, 'other-version'],
  ])('turns %s away, and says why', async (_, said, why) => {
    await using listener = await listen();
    expect(await connectLocally(at.address, said)).toEqual({ link: null, refusal: why });
    expect(refused).toEqual([why]);
    expect(listener.clients).toBe(0);
  });

  it('cuts off who speaks something else', async () => {
    opened.push(await listen());
    const socket = connect(at.address);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect(refused).toEqual([]);
  });

  it('notifies its clients before it closes, and accepts none after', async () => {
    const listener = await listen();
    const { link } = await connectLocally(at.address, hello);
    const told = new Promise<string>((resolve) => link!.open({ text: () => undefined, closed: resolve }));
    await listener[Symbol.asyncDispose]();
    expect(await told).toBe('station ended');
    expect(await connectLocally(at.address, hello)).toEqual({ link: null, refusal: 'absent' });
  });

  it.skipIf(isWindows)('takes the place of a socket that a killed station left', async () => {
    await mkdir(at.folder!, { mode: 0o700 });
    const dead = createServer();
    dead.listen(join(at.folder!, 'other.sock'));
    await once(dead, 'listening');
    // A socket without a listener is what is left: closing a server removes its own file, not a renamed one.
    const { rename } = await import('node:fs/promises');
    await rename(join(at.folder!, 'other.sock'), at.address);
    await new Promise((resolve) => dead.close(resolve));
    expect((await stat(at.address)).isSocket()).toBe(true);
    expect((await connectLocally(at.address, hello)).refusal).toBe('absent');
    opened.push(await listen());
    expect((await connectLocally(at.address, hello)).refusal).toBeNull();
  });

  it.skipIf(isWindows)(
    'keeps the socket to its user, and uses no folder that others may change',
    async () => {
      {
        opened.push(await listen());
        expect((await stat(at.address)).mode & 0o777).toBe(0o600);
        expect((await stat(at.folder!)).mode & 0o777).toBe(0o700);
      }
      await chmod(at.folder!, 0o777);
      expect(await codeOfRejection(listen())).toBe('host/local-socket');
    },
  );
});
