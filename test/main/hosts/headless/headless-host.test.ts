import { once } from 'node:events';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ContractClient } from '../../../../app/contract/client.ts';
import { contractProtocol, pageKeyProtocol } from '../../../../app/contract/channel-names.ts';
import { socketLink } from '../../../../app/contract/socket-link.ts';
import { openHeadlessHost, type HeadlessHost } from '../../../../main/hosts/headless/headless-host.ts';
import type { HostLog } from '../../../../main/hosts/host-log.ts';
import type { RendererFiles } from '../../../../main/hosts/renderer-files.ts';
import { systemClock } from '../../../../main/system-clock.ts';
import { Happenings, testContract, TestStation } from '../../../conformance/contract-station.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const files: RendererFiles = new Map([
  [
    '/index.html',
    { bytes: bytes('<p>station</p>'), contentType: 'text/html; charset=utf-8', immutable: false },
  ],
  ['/assets/a-1.js', { bytes: bytes('1'), contentType: 'text/javascript; charset=utf-8', immutable: true }],
]);

let host: HeadlessHost;
let station: TestStation;
let logged: string[];
let happened: Happenings;
let nowMs: number;

beforeEach(async () => {
  station = new TestStation();
  logged = [];
  happened = new Happenings();
  nowMs = 0;
  const write = (fields: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
    happened.tell();
  };
  const log: HostLog = { info: write, warn: write, error: write };
  host = await openHeadlessHost({
    listen: { host: '127.0.0.1', port: 0 },
    tls: null,
    files,
    log,
    clock: { ...systemClock, nowMs: () => nowMs },
    serve: (link) => {
      station.accept(link);
      return station.served.at(-1)!;
    },
  });
});
afterEach(async () => {
  await host[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A request as any program can make it, with the path and headers exactly as given. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: host.address.port,
    path,
    method,
    headers,
    agent: false,
  };
  const sent = request(options);
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

let pageKey = '';

async function admitted(): Promise<string> {
  const { pathname } = new URL(host.newLink());
  const answer = await ask(pathname);
  expect(answer.status).toBe(200);
  pageKey = /#page-key=([\w-]{43})"/.exec(answer.body)![1]!;
  return answer.headers['set-cookie']![0]!.split(';')[0]!;
}

function socket(
  headers: Record<string, string>,
  protocols: readonly string[] = [contractProtocol, pageKeyProtocol + pageKey],
  path = '/contract',
): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${host.address.port}${path}`, [...protocols], { headers });
}

/** The status with which the upgrade was refused. */
async function refusal(open: WebSocket): Promise<number> {
  const [, response] = (await once(open, 'unexpected-response')) as [unknown, IncomingMessage];
  open.on('error', () => undefined);
  open.terminate();
  return response.statusCode ?? 0;
}

describe('the link that the station prints', () => {
  it('is exchanged for a cookie that no script sees and no other site sends, and opens the renderer', async () => {
    const { pathname } = new URL(host.newLink());
    const answer = await ask(pathname);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^canopus-\d+=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/),
    ]);
    const cookie = answer.headers['set-cookie']![0]!.split(';')[0]!;
    expect((await ask('/', { cookie })).body).toBe('<p>station</p>');
  });

  it('works once', async () => {
    const { pathname } = new URL(host.newLink());
    expect((await ask(pathname)).status).toBe(200);
    const again = await ask(pathname);
    expect(again.status).toBe(403);
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  it('stops working when a newer one was made', async () => {
    const old = new URL(host.newLink()).pathname;
    const newer = new URL(host.newLink()).pathname;
    expect((await ask(old)).status).toBe(403);
    expect((await ask(newer)).status).toBe(200);
  });

  it('cannot be guessed without end', async () => {
    host.newLink();
    const statuses: number[] = [];
    for (let n = 0; n < 10; n++) statuses.push((await ask(`/enter/guess${n}`)).status);
    expect(statuses.slice(0, 6)).toEqual([403, 403, 403, 403, 403, 403]);
    expect(statuses.slice(6)).toEqual([429, 429, 429, 429]);
    // However often others guess, the right link works at once.
    expect((await ask(new URL(host.newLink()).pathname)).status).toBe(200);
    nowMs += 1000;
    expect((await ask('/enter/guess')).status).toBe(403);
  });

  it('is never in the log, right or wrong', async () => {
    const { pathname } = new URL(host.newLink());
    await ask(pathname);
    await ask(pathname);
    await ask('/enter/almost-a-secret');
    expect(logged.join('\n')).toContain('wrong or used link');
    expect(logged.join('\n')).not.toContain(pathname.slice('/enter/'.length));
    expect(logged.join('\n')).not.toContain('almost-a-secret');
  });
});

describe('the files', () => {
  it.each(['/', '/index.html', '/assets/a-1.js', '/nothing'])(
    'are not shown to who was not admitted: %s',
    async (path) => {
      const answer = await ask(path);
      expect(answer.status).toBe(401);
      expect(answer.body).not.toContain('station</p>');
      expect((await ask(path, { cookie: `canopus-${host.address.port}=guess` })).status).toBe(401);
    },
  );

  it('come with a policy that runs own scripts only', async () => {
    const { headers } = await ask('/', { cookie: await admitted() });
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('are kept by the browser only where the name holds their hash', async () => {
    const cookie = await admitted();
    expect((await ask('/', { cookie })).headers['cache-control']).toBe('no-cache');
    expect((await ask('/assets/a-1.js', { cookie })).headers['cache-control']).toContain('immutable');
  });

  it.each([
    '/../package.json',
    '/assets/../../package.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2fpackage.json',
    '/assets/..\\..\\package.json',
    '//etc/passwd',
    '/index.html%00.js',
    'http://127.0.0.1/etc/passwd',
    '/__proto__',
    '/constructor',
  ])('cannot be walked out of: %s', async (path) => {
    const answer = await ask(path, { cookie: await admitted() });
    expect(answer.status).toBe(404);
    expect(answer.body).toBe('');
    expect(logged.at(-1)).toContain('no such file');
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('are not changed by %s', async (method) => {
    expect((await ask('/', { cookie: await admitted() }, method)).status).toBe(405);
  });
});

describe('a request under a foreign name (DNS rebinding)', () => {
  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost',
    'user@127.0.0.1',
    '[::1]',
  ])('is refused before anything else: Host %j', async (name) => {
    const { pathname } = new URL(host.newLink());
    const answer = await ask(pathname, { host: name });
    expect(answer.status).toBe(421);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(logged.at(-1)).toContain('foreign host');
    expect((await ask(pathname)).status).toBe(200);
  });

  it('is served under the names of this computer', async () => {
    const cookie = await admitted();
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST']) {
      expect((await ask('/', { cookie, host: `${name}:${host.address.port}` })).status).toBe(200);
    }
  });
});

describe('the socket', () => {
  const own = (): string => `http://127.0.0.1:${host.address.port}`;

  it('serves the contract to an admitted page', async () => {
    const cookie = await admitted();
    const client = new ContractClient(testContract, {
      clock: systemClock,
      connect: async () => {
        const open = socket({ cookie, origin: own() });
        await once(open, 'open');
        return socketLink(open);
      },
    });
    expect(await client.call('math.add', { a: 1, b: 2 })).toEqual({ sum: 3 });
    client.close();
  });

  it('is refused without the cookie', async () => {
    expect(await refusal(socket({ origin: own() }))).toBe(401);
    expect(await refusal(socket({ origin: own(), cookie: 'canopus=1' }))).toBe(401);
  });

  it('is refused to a program that has the cookie only, as every port of this computer gets it', async () => {
    const cookie = await admitted();
    const only = [contractProtocol];
    expect(await refusal(socket({ cookie, origin: own() }, only))).toBe(401);
    expect(await refusal(socket({ cookie, origin: own() }, [...only, `${pageKeyProtocol}guess`]))).toBe(401);
    const ofOther = pageKey;
    const other = await admitted();
    expect(
      await refusal(socket({ cookie: other, origin: own() }, [...only, pageKeyProtocol + ofOther])),
    ).toBe(401);
    expect(logged.at(-1)).not.toContain(ofOther);
  });

  it('is refused a day after the last use, and the page is, too', async () => {
    const cookie = await admitted();
    const dayMs = 24 * 3600 * 1000;
    nowMs += dayMs - 1000;
    const open = socket({ cookie, origin: own() });
    await once(open, 'open');
    open.terminate();
    nowMs += dayMs - 1000;
    expect((await ask('/', { cookie })).status).toBe(200);
    nowMs += 1000;
    expect((await ask('/', { cookie })).status).toBe(401);
    expect(await refusal(socket({ cookie, origin: own() }))).toBe(401);
  });

  it.each([
    ['another site', 'https://evil.example'],
    ['another port', 'http://127.0.0.1:1'],
    ['a sandboxed page', 'null'],
    ['another name of this computer', 'http://localhost'],
  ])('is refused to a page of %s, even with the cookie', async (_, origin) => {
    expect(await refusal(socket({ cookie: await admitted(), origin }))).toBe(403);
    expect(logged.at(-1)).toContain('foreign origin');
  });

  it('is refused without an origin, under a foreign name, on another path and in another language', async () => {
    const cookie = await admitted();
    expect(await refusal(socket({ cookie }))).toBe(403);
    expect(await refusal(socket({ cookie, origin: 'http://evil.example', host: 'evil.example' }))).toBe(421);
    expect(await refusal(socket({ cookie, origin: own() }, undefined, '/other'))).toBe(404);
    expect(await refusal(socket({ cookie, origin: own() }, ['chat']))).toBe(400);
    expect(await refusal(socket({ cookie, origin: own() }, []))).toBe(400);
    expect(station.served).toHaveLength(0);
  });

  it('is closed by a frame of 10 MB before it is read whole', async () => {
    const open = socket({ cookie: await admitted(), origin: own() });
    await once(open, 'open');
    open.on('error', () => undefined);
    open.send('x'.repeat(10_000_000));
    const [code] = (await once(open, 'close')) as [number];
    expect([1006, 1009]).toContain(code);
    await happened.until(() => logged.some((line) => line.includes('a window was cut off')));
    expect(logged.at(-1)).toContain('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
    expect(logged.at(-1)!.length).toBeLessThan(500);
  });

  it('is closed by a binary message', async () => {
    const open = socket({ cookie: await admitted(), origin: own() });
    await once(open, 'open');
    open.send(new Uint8Array([1, 2, 3]));
    const [code] = (await once(open, 'close')) as [number];
    expect(code).toBe(1003);
    expect(logged.at(-1)).toContain('binary message');
  });

  it('is refused to the seventeenth window', async () => {
    const cookie = await admitted();
    const windows = Array.from({ length: 16 }, () => socket({ cookie, origin: own() }));
    await Promise.all(windows.map((open) => once(open, 'open')));
    expect(await refusal(socket({ cookie, origin: own() }))).toBe(503);
  });
});

it('writes a line for each kind of refused request, and another a minute later with how many there were', async () => {
  const path = `/${'x'.repeat(7600)}`;
  for (let n = 0; n < 200; n++) await ask(path);
  expect(logged).toHaveLength(1);
  expect(logged[0]!.length).toBeLessThan(500);
  nowMs += 60_000;
  await ask(path);
  expect(logged).toHaveLength(2);
  expect(logged[1]).toContain('"moreBefore":199');
});

it.each(['', 'GET / HTTP/1.1\r\nHo'])('ends a connection that sends %j and nothing more', async (text) => {
  const startMs = performance.now();
  const raw = connect(quick.address.port, '127.0.0.1');
  await once(raw, 'connect');
  raw.write(text);
  raw.on('data', () => undefined);
  await once(raw, 'close');
  // Node's own interval of looking is 30 s.
  expect(performance.now() - startMs).toBeLessThan(15_000);
});

it('ends a connection that sends no whole request', async () => {
  const raw = connect(host.address.port, '127.0.0.1');
  await once(raw, 'connect');
  raw.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'y'.repeat(20_000)}\r\n`);
  raw.on('data', () => undefined);
  await once(raw, 'close');
});

/** As it is, but for requests that have to arrive within a tenth of a second. */
let quick: HeadlessHost;
beforeAll(async () => {
  quick = await openHeadlessHost({
    listen: { host: '127.0.0.1', port: 0 },
    tls: null,
    files,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    clock: systemClock,
    requestMs: 100,
    serve: () => ({ close: () => undefined }),
  });
});
afterAll(() => quick[Symbol.asyncDispose]());

describe('listening', () => {
  const open = (address: string): Promise<HeadlessHost> =>
    openHeadlessHost({
      listen: { host: address, port: 0 },
      tls: null,
      files,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      clock: systemClock,
      serve: () => ({ close: () => undefined }),
    });

  it.each(['0.0.0.0', '::', '192.168.1.5'])('on %s needs a certificate', async (address) => {
    await expect(open(address)).rejects.toMatchObject({ code: 'usage/invalid' });
  });

  it('on a port that is taken has a name', async () => {
    const taken = openHeadlessHost({
      listen: host.address,
      tls: null,
      files,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      clock: systemClock,
      serve: () => ({ close: () => undefined }),
    });
    await expect(taken).rejects.toMatchObject({
      code: 'host/port-in-use',
      details: { port: host.address.port },
    });
  });
});
