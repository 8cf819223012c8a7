import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, withLock } from '../../../main/files/process-lock.ts';
import { codeOfRejection } from '../../error-code.ts';
import { buildProgram } from '../firmware/run-program.ts';
import type { TestProgram } from '../firmware/run-program.ts';

describe('a lock between processes', () => {
  let folder: string;
  let lock: string;
  let holder: TestProgram;

  beforeAll(async () => {
    holder = await buildProgram('hold-lock');
  });
  afterAll(() => holder[Symbol.asyncDispose]());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canopus-lock-'));
    lock = join(folder, 'x.lock');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is held by one at a time, in one process', async () => {
    const order: string[] = [];
    const unlock = await acquireLock(lock, { timeoutMs: 5_000 });
    const second = withLock(lock, { timeoutMs: 5_000, onWait: () => order.push('waits') }, () => {
      order.push('second');
      return Promise.resolve();
    });
    await expect.poll(() => order).toEqual(['waits']);
    order.push('first is done');
    await unlock();
    await second;
    expect(order).toEqual(['waits', 'first is done', 'second']);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is held by one at a time, among processes', async () => {
    const counter = join(folder, 'counter');
    await writeFile(counter, '0');
    const programs = Array.from({ length: 4 }, () => holder.start([lock, counter, '25']));
    for (const program of programs) expect(await program.ended).toBe(0);
    expect(await readFile(counter, 'utf8')).toBe('100');
    expect(await readdir(folder)).toEqual(['counter']);
  });

  it('is lost by a holder that was killed, to exactly one of those that wait', async () => {
    for (let round = 0; round < 5; round++) {
      const dead = holder.start([lock]);
      await dead.until('held');
      let holders = 0;
      let most = 0;
      const waiting = Array.from({ length: 8 }, () =>
        withLock(lock, { timeoutMs: 10_000 }, async () => {
          most = Math.max(most, ++holders);
          await new Promise((resolve) => setImmediate(resolve));
          holders--;
        }),
      );
      dead.child.kill('SIGKILL');
      await Promise.all(waiting);
      expect(most).toBe(1);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('stays with a holder that lives, and says who that is', async () => {
    const program = holder.start([lock]);
    await program.until('held');
    await expect(acquireLock(lock, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'cache/locked',
      details: { pid: program.child.pid, host: hostname() },
    });
    program.child.kill('SIGKILL');
    await program.ended;
  });

  it('is not mistaken for a dead one when another process has got its number', async () => {
    const owner = { host: hostname(), pid: process.pid, startedAt: 'long ago', token: 'a'.repeat(16) };
    await writeFile(lock, JSON.stringify(owner));
    await (
      await acquireLock(lock, { timeoutMs: 1_000 })
    )();
  });

  it('of another computer counts while it is young', async () => {
    const owner = { host: 'elsewhere', pid: 1, startedAt: null, token: 'a'.repeat(16) };
    await writeFile(lock, JSON.stringify(owner));
    expect(await codeOfRejection(acquireLock(lock, { timeoutMs: 50 }))).toBe('cache/locked');
  });

  it('that is rubbish is taken away', async () => {
    await writeFile(lock, 'rubbish');
    await (
      await acquireLock(lock, { timeoutMs: 1_000 })
    )();
    expect(await readdir(folder)).toEqual([]);
  });

  it('can be given up waiting for', async () => {
    const unlock = await acquireLock(lock, { timeoutMs: 1_000 });
    const abort = new AbortController();
    const waiting = acquireLock(lock, {
      timeoutMs: 10_000,
      signal: abort.signal,
      onWait: () => abort.abort(),
    });
    expect(await codeOfRejection(waiting)).toBe('cancelled');
    await unlock();
    expect(await readdir(folder)).toEqual([]);
  });
});
