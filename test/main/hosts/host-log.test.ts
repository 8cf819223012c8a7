import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import { openHostLog } from '../../../main/hosts/host-log.ts';

let folder: string;
const clock = { now: 0, nowMs: () => clock.now };

beforeEach(async () => {
  clock.now = 0;
  folder = await mkdtemp(join(tmpdir(), 'canopus-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = async (file = 'canopus.log'): Promise<string> => readFile(join(folder, file), 'utf8');
const lines = async (): Promise<Record<string, unknown>[]> =>
  (await read())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the log', () => {
  it('has time, level, message, and an error with code, stack and cause', async () => {
    const log = openHostLog(folder);
    const cause = new Error('ECONNRESET');
    log.error(
      { err: new CanopusError('link/closed', 'the link is closed', { port: '1-4' }, { cause }) },
      'something unexpected',
    );
    expect(await lines()).toEqual([
      {
        level: 50,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
        err: expect.objectContaining({
          code: 'link/closed',
          message: 'the link is closed',
          details: { port: '1-4' },
          stack: expect.stringContaining('host-log.test') as string,
          cause: expect.objectContaining({ message: 'ECONNRESET' }) as unknown,
        }) as unknown,
        msg: 'something unexpected',
      },
    ]);
  });

  it('takes no more than twice its limit of the disk, and keeps the newest', async () => {
    const log = openHostLog(folder, { clock, maxBytes: 10_000 });
    for (let at = 0; at < 1000; at++) {
      clock.now += 1000;
      log.info({ at }, 'x'.repeat(100));
    }
    const sizes = [
      (await stat(join(folder, 'canopus.log'))).size,
      (await stat(join(folder, 'canopus.log.old'))).size,
    ];
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000);
    expect((await lines()).at(-1)).toMatchObject({ at: 999 });
  });

  it('has a bounded number of lines a second, says how many are missing, and leaves room for errors', async () => {
    const log = openHostLog(folder, { clock });
    for (let at = 0; at < 5000; at++) log.warn({ at }, 'a request was refused');
    log.error({}, 'something unexpected');
    clock.now += 10_000;
    log.warn({}, 'later');
    const written = await lines();
    expect(written.length).toBeLessThan(200);
    expect(written.filter(({ msg }) => msg === 'something unexpected')).toHaveLength(1);
    const [missing, later] = written.slice(-2);
    const refused = written.filter(({ at }) => at !== undefined).length;
    expect(missing).toMatchObject({ leftOut: 5000 - refused });
    expect(later).toMatchObject({ msg: 'later' });
  });

  it('cuts its fields, in length, number and depth', async () => {
    const log = openHostLog(folder);
    const deep: Record<string, unknown> = {};
    deep['deep'] = deep;
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`field${at}`, at]));
    log.warn(
      { path: '/'.repeat(8000), deep, many, list: new Array(9999).fill('x'), bytes: new Uint8Array(1e6) },
      'm'.repeat(9999),
    );
    const text = await read();
    expect(text.length).toBeLessThan(3000);
    expect(text).toContain('(8000 characters)');
  });

  it('has nothing in it that a terminal obeys', async () => {
    openHostLog(folder).warn({ host: '\x1b]0;PWN\x07\u009b31m\u202e' }, '\x1b[2J');
    expect(await read()).toMatch(/^[\x20-\x7e]+\n$/);
  });

  it('has no secret in it, whatever quotes it', async () => {
    const secret = 'hunter2-Zahnbuerste';
    const log = openHostLog(folder);
    log.warn(
      {
        password: secret,
        passphrase: secret,
        apiKey: secret,
        token: secret,
        cookie: `canopus-8455=${secret}`,
      },
      'fields',
    );
    log.warn({ login: { user: 'pi', sudoPassword: secret } }, 'inside');
    log.warn(
      { path: `/enter/${secret}`, url: `http://pi:${secret}@printer.local/` },
      `GET http://127.0.0.1:8455/enter/${secret}`,
    );
    log.warn(
      { header: `Cookie: canopus-8455=${secret}; x=y`, auth: `Authorization: Bearer ${secret}` },
      `password=${secret}`,
    );
    log.error(
      { err: new Error(`failed: password: ${secret}`, { cause: new Error(`token=${secret}`) }) },
      'error',
    );
    log.error(
      { key: `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY-----` },
      'key',
    );
    expect(await lines()).toHaveLength(6);
    expect(await read()).not.toContain(secret);
  });

  it('drops what it cannot write, and never fails', async () => {
    await writeFile(join(folder, 'file'), '');
    const log = openHostLog(join(folder, 'file'));
    log.error({}, 'dropped');
    const other = openHostLog(folder);
    await rm(folder, { recursive: true });
    other.error({}, 'dropped, too');
  });

  it.skipIf(process.platform === 'win32')(
    'is for its user only, also one that an earlier version made',
    async () => {
      await writeFile(join(folder, 'canopus.log'), '', { mode: 0o644 });
      openHostLog(folder).info({}, 'x');
      expect((await stat(join(folder, 'canopus.log'))).mode & 0o777).toBe(0o600);
    },
  );
});
