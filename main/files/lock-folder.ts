import { cancelled } from '../../app/cancelled.ts';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toFileError } from './file-errors.ts';
import { isThere } from './process-identity.ts';
import { acquireLock } from './process-lock.ts';
import { makeFolder } from './make-folder.ts';

const lockTakingMs = 10_000;

/**
 * Named locks, each held by one piece of work at a time among all processes of this computer that use the folder.
 * Within this process waiters are served in order, without touching the disk.
 */
export class LockFolder {
  readonly #folder: string;
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** `timeoutMs` limits the wait for other processes. Throws `cancelled` or `cache/locked`. */
  async hold<T>(
    name: string,
    options: { signal?: AbortSignal | undefined; timeoutMs: number; onWait?: () => void },
    work: () => Promise<T>,
  ): Promise<T> {
    const ahead = this.#queues.get(name);
    if (ahead) options.onWait?.();
    const mine = this.#afterOthers(ahead, name, options, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    // A waiter that gives up must not let the next one in before its turn.
    const turn = Promise.all([ahead, settled]);
    this.#queues.set(name, turn);
    void turn.then(() => {
      if (this.#queues.get(name) === turn) this.#queues.delete(name);
    });
    return mine;
  }

  /** Removes the files of processes that were killed in the moment of taking a lock. */
  async tidy(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const [, pid] = /\.(\d+)\.canopus-tmp$/.exec(name) ?? [];
      if (pid === undefined) continue;
      const path = join(this.#folder, name);
      // A later process may have the same number; taking a lock is a matter of milliseconds.
      if (!isThere(Number(pid)) || (await ageMs(path)) > lockTakingMs) await rm(path, { force: true });
    }
  }

  async #afterOthers<T>(
    ahead: Promise<unknown> | undefined,
    name: string,
    options: { signal?: AbortSignal | undefined; timeoutMs: number; onWait?: () => void },
    work: () => Promise<T>,
  ): Promise<T> {
    if (ahead) await orAborted(ahead, options.signal);
    await makeFolder(this.#folder).catch((error: unknown) => {
      throw toFileError(error, this.#folder, 'write');
    });
    const { onWait, ...rest } = options;
    const unlock = await acquireLock(
      join(this.#folder, `${name}.lock`),
      ahead || !onWait ? rest : { ...rest, onWait },
    );
    try {
      return await work();
    } finally {
      await unlock();
    }
  }
}

async function ageMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
}

/** Waits, but no longer than until the signal is aborted. */
async function orAborted(wait: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) {
    await wait;
    return;
  }
  if (signal.aborted) throw cancelled();
  let onAbort: () => void = () => undefined;
  try {
    await Promise.race([
      wait,
      new Promise((_resolve, reject) => {
        onAbort = () => reject(cancelled());
        signal.addEventListener('abort', onAbort, { once: true });
      }),
    ]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
