import { throwIfCancelled } from '../../app/cancelled.ts';
import { randomBytes } from 'node:crypto';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CanopusError } from '../../app/errors.ts';
import { temporarySuffix } from './atomic-file.ts';
import { systemErrorCode, toFileError } from './file-errors.ts';
import { isRunning, ownIdentity } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

interface LockOwner extends ProcessIdentity {
  /** Unique to this holding of the lock. */
  readonly token: string;
}

interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for the holder. */
  readonly timeoutMs: number;
  /** Called once if another process holds it. */
  readonly onWait?: () => void;
}

/** A lock of another computer (on a shared disk) cannot be examined: it counts this long. */
const foreignLockMs = 30 * 60_000;
const pollMs = 25;

/**
 * Takes a lock between processes: a file that names its holder. A holder that no longer runs, however it ended, loses
 * it. Not re-entrant: a process that asks twice waits for itself. Returns the function that releases it. Throws
 * `cancelled`, and `cache/locked` after the time-out.
 *
 * The file appears whole (linked, not written), and only the holder of the lock `path.TOKEN` may remove a dead holder's
 * `path`: otherwise, of two that see the same dead holder, the slower one would remove the lock that the faster one has
 * just made.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<() => Promise<void>> {
  const deadline = performance.now() + options.timeoutMs;
  const mine: LockOwner = { ...(await ownIdentity()), token: randomBytes(8).toString('hex') };
  let waiting = false;
  for (;;) {
    throwIfCancelled(options.signal);
    if (await create(path, mine)) return () => release(path, mine);
    const holder = await readOwner(path);
    if (holder === null) continue;
    if (!(await isHeld(path, holder))) {
      await takeAway(path, holder, options);
      continue;
    }
    if (performance.now() >= deadline) {
      const message = `${path} is held by process ${holder.pid} of ${holder.host}`;
      throw new CanopusError('cache/locked', message, { path, pid: holder.pid, host: holder.host });
    }
    if (!waiting) options.onWait?.();
    waiting = true;
    // An abort only ends the wait; the loop's first line throws.
    await delay(pollMs, undefined, options.signal ? { signal: options.signal } : {}).catch(() => undefined);
  }
}

/** Runs `work` while holding the lock. */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const unlock = await acquireLock(path, options);
  try {
    return await work();
  } finally {
    await unlock();
  }
}

async function create(path: string, owner: LockOwner): Promise<boolean> {
  // With the process number, so that a sweep knows whether the process still uses it.
  const temporary = `${path}.${owner.token}.${owner.pid}${temporarySuffix}`;
  try {
    await writeFile(temporary, JSON.stringify(owner));
    await link(temporary, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw toFileError(error, path, 'write');
  } finally {
    await rm(temporary, { force: true });
  }
}

async function release(path: string, owner: LockOwner): Promise<void> {
  // Another computer may have removed it in the belief that this one is gone.
  if ((await readOwner(path))?.token === owner.token) await rm(path, { force: true });
}

/** Null if there is no lock. A file that is not a lock counts as a dead holder's. */
async function readOwner(path: string): Promise<LockOwner | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw toFileError(error, path, 'read');
  }
  try {
    const { host, pid, startedAt, token } = JSON.parse(text) as Partial<Record<keyof LockOwner, unknown>>;
    if (typeof host !== 'string' || typeof pid !== 'number' || typeof token !== 'string') return noOwner;
    if (!/^[0-9a-f]{16}$/.test(token)) return noOwner;
    return { host, pid, startedAt: typeof startedAt === 'string' ? startedAt : null, token };
  } catch {
    return noOwner;
  }
}

const noOwner: LockOwner = { host: '', pid: 0, startedAt: null, token: 'unreadable' };

async function isHeld(path: string, holder: LockOwner): Promise<boolean> {
  if (holder === noOwner) return false;
  const running = await isRunning(holder);
  if (running !== null) return running;
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  return age < foreignLockMs;
}

async function takeAway(path: string, dead: LockOwner, options: LockOptions): Promise<void> {
  await withLock(`${path}.${dead.token}`, { ...options, onWait: () => undefined }, async () => {
    if ((await readOwner(path))?.token === dead.token) await rm(path, { force: true });
  });
}
