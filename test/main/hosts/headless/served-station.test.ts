import { once } from 'node:events';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serveHeadless } from '../../../../main/hosts/headless.ts';
import { contractProtocol, pageKeyProtocol } from '../../../../app/contract/channel-names.ts';
import { openStation, type Station } from '../../../../main/station.ts';

// What a page, or anyone with its cookie, can send to a whole station; refused by the contract, not at admission.

let folder: string;
let station: Station;
let host: Awaited<ReturnType<typeof serveHeadless>>;
let origin: string;
let cookie: string;
let pageKey: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-served-'));
  const renderer = join(folder, 'renderer');
  await mkdir(renderer);
  await writeFile(join(renderer, 'index.html'), '<p>');
  await writeFile(join(folder, 'bench.json'), JSON.stringify({ boards: [] }));
  station = await openStation({ sim: join(folder, 'bench.json') });
  host = await serveHeadless({
    station,
    listen: '127.0.0.1:0',
    dataFolder: folder,
    rendererFolder: renderer,
  });
  const link = host.newLink();
  ({ origin } = new URL(link));
  const entered = await fetch(link);
  cookie = entered.headers.get('set-cookie')!.split(';')[0]!;
  pageKey = /#page-key=([\w-]+)"/.exec(await entered.text())![1]!;
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await station[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const ask = (id: number, name: string, input: unknown): string =>
  JSON.stringify({ type: 'ask', id, name, input, credit: 0, after: 0 });

/** Sends these texts; returns the replies until `count` frames arrived or the station closed. */
async function talk(texts: readonly string[], count: number): Promise<{ frames: string[]; reason: string }> {
  const socket = new WebSocket(
    `${origin.replace('http', 'ws')}/contract`,
    [contractProtocol, pageKeyProtocol + pageKey],
    {
      headers: { cookie, origin },
    },
  );
  await once(socket, 'open');
  const frames: string[] = [];
  const over = new Promise<string>((resolve) => {
    socket.on('close', (_, reason) => resolve(String(reason)));
    socket.on('message', (data: Buffer) => {
      frames.push(data.toString());
      if (frames.length === count) resolve('');
    });
  });
  for (const text of texts) socket.send(text);
  const reason = await over;
  socket.terminate();
  return { frames, reason };
}

const log = (): Promise<string> => readFile(host.logFile, 'utf8');

describe('a page that was admitted and is up to no good', () => {
  it.each([
    ['an unknown call', ask(1, 'files.read', { path: '/etc/passwd' }), 'contract/unknown-name'],
    ['a call of what every object has', ask(1, 'constructor', null), 'contract/unknown-name'],
    ['input of another shape', ask(1, 'jobs.cancel', { jobId: 7 }), 'contract/invalid-input'],
    ['a field too many', ask(1, 'app.info', { path: '/etc/passwd' }), 'contract/invalid-input'],
    ['a key that is a path', ask(1, 'images.inspect', { key: '../../etc/passwd' }), 'contract/invalid-input'],
  ])('gets nothing for %s but the code, and the log has it', async (_, text, code) => {
    const before = (await log()).length;
    const { frames } = await talk([text], 1);
    expect(frames).toHaveLength(1);
    const { error } = JSON.parse(frames[0]!) as { error: { code: string } };
    expect(error.code).toContain(code);
    // No place of this computer, no stack, no content.
    expect(frames[0]).not.toMatch(/root:|node_modules|\.ts\b|at .*\(|\/tmp\//);
    expect((await log()).slice(before)).toContain(error.code);
  });

  it.each([
    ['no JSON', 'GET / HTTP/1.1'],
    ['JSON that is no frame', '{"__proto__":{"admin":true}}'],
    ['a frame of a server', JSON.stringify({ type: 'done', id: 1, value: null })],
  ])('is cut off for %s, and the log has it', async (_, text) => {
    const before = (await log()).length;
    const { frames, reason } = await talk([text], 1);
    expect(frames).toEqual([]);
    expect(reason).toBe('contract/protocol');
    expect((await log()).slice(before)).toContain('contract/protocol');
  });

  it('affects no other client: the next page is served', async () => {
    const { frames } = await talk([ask(1, 'app.info', null)], 1);
    expect(JSON.parse(frames[0]!)).toMatchObject({ type: 'done', value: { host: 'headless' } });
  });
});
